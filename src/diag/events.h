// The sockets that cease to be, as the kernel multicasts them (net/core/sock_diag.c: sock_diag_broadcast_destroy()).
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
  /// True if some of `protocols` and `families` can be followed: TCP and UDP, IPv4 and IPv6.
  static bool can_follow(ProtocolSet protocols, FamilySet families) noexcept;

  /// Follows those that can be followed, of which there must be some. 0 or errno: EPROTONOSUPPORT from a kernel without sock_diag.
  OpenError open(const OpenTransport& open_transport, ProtocolSet protocols, FamilySet families);

  /// Waits for the next ones and hands them to `sink`, one at a time. They have all that the kernel told, wanted or not;
  /// no inode any more. 0 or errno: ENOBUFS where some were lost because nobody listened in time, and more may come;
  /// ECANCELED if the sink wants no more; ENODATA at the end of a scripted transport.
  int next(Sink sink);

  /// Readable when next() need not wait, for poll(2); -1 for a scripted transport.
  int fd() const noexcept { return transport_ ? transport_->fd() : -1; }

  /// What was left out of what was received so far.
  const Coverage& coverage() const noexcept { return coverage_; }

 private:
  bool hand_out(Bytes datagram, Sink sink);

  std::unique_ptr<Transport> transport_;
  std::vector<std::byte> buffer_;
  Coverage coverage_;
};

}  // namespace duostat
