// Receives events about destroyed sockets from the kernel (net/core/sock_diag.c: sock_diag_broadcast_destroy()).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <vector>

#include "src/diag/transport.h"
#include "src/query/query.h"

namespace duostat {

class DestroyedSockets {
 public:
  /// True if any of `protocols` and `families` can be followed: TCP and UDP, IPv4 and IPv6.
  static bool can_follow(ProtocolSet protocols, FamilySet families) noexcept;

  /// Follows those that can be followed; there must be at least one. 0 or errno: EPROTONOSUPPORT from a kernel without
  /// sock_diag.
  OpenError open(const OpenTransport& open_transport, ProtocolSet protocols, FamilySet families);

  /// Events of every network namespace to which the caller's gave an id come too: nsid(). 0 or errno, as
  /// Transport::join_all_namespaces().
  int join_all_namespaces() noexcept { return transport_->join_all_namespaces(); }

  /// Waits for events and passes their sockets to `sink`, one at a time. A socket has all fields that the kernel sent,
  /// wanted or not, but no inode. 0 or errno: ENOBUFS if events were lost because they were read too late (later calls
  /// may succeed); ECANCELED if the sink wants no more; ENODATA at the end of a scripted transport.
  int next(Sink sink);

  /// A descriptor for poll(2), readable when next() would not wait; -1 for a scripted transport.
  int fd() const noexcept { return transport_ ? transport_->fd() : -1; }

  /// The id of the network namespace of the sockets that are being passed; Transport::kOwnNamespace: that of open().
  std::int32_t nsid() const noexcept { return nsid_; }

  /// What could not be decoded so far.
  const Coverage& coverage() const noexcept { return coverage_; }

 private:
  bool hand_out(Bytes datagram, Sink sink);

  std::unique_ptr<Transport> transport_;
  std::vector<std::byte> buffer_;
  Coverage coverage_;
  std::int32_t nsid_ = Transport::kOwnNamespace;
};

}  // namespace duostat
