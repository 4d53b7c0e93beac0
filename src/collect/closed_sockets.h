// Finds TCP sockets that processes hold and that no table of the kernel lists: never connected, refused, reset or
// finished.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/collect/environment.h"

namespace duostat {

struct ClosedSocketHolder {
  std::uint32_t pid = 0;
  std::string comm;               ///< raw bytes
  std::uint64_t closed = 0;       ///< descriptors of TCP and MPTCP sockets that no table lists
  std::uint64_t descriptors = 0;  ///< descriptors of every kind
};

struct ClosedSockets {
  std::vector<ClosedSocketHolder> holders;  ///< the most first; of equal ones the lowest process first
  std::uint64_t sockets = 0;       ///< different sockets: processes may share one
  std::uint64_t denied = 0;        ///< processes whose descriptors this user may not look at
  std::uint64_t unread = 0;        ///< processes that could not be looked at for another reason
  std::uint64_t not_looked_at = 0; ///< processes with more descriptors than the request's limit
  bool may_hide = false;           ///< /proc may not list every process here
  /// Why nothing was counted; empty if it was. Any incomplete dump makes sockets look closed that are not.
  std::string cannot;
};

struct ClosedSocketRequest {
  std::uint64_t least = 1;                ///< name only processes with so many
  std::uint64_t most_descriptors = 200'000;  ///< of one process
  /// The protocol of the socket behind a descriptor, the attribute system.sockprotoname (sockfs_xattr_get()): "TCP". On
  /// failure empty, with errno in `error`. Tests replace it.
  std::string (*protocol_of)(const std::string& path, int& error) = nullptr;
};

/// Looks at every descriptor first, then lists the TCP and MPTCP sockets of every network namespace, then looks again
/// at the descriptors that none has. Counts nothing unless every namespace is known and every dump is complete; without
/// the right to look at other processes it counts the caller's. Before Linux 6.8 the kernel does not list sockets that
/// are bound and neither listen nor are connected: they count as closed there.
ClosedSockets find_closed_sockets(Environment& env, const ClosedSocketRequest& request = {});

}  // namespace duostat
