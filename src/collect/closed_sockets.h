// Finds the sockets of src/model/closed_sockets.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>

#include "src/collect/environment.h"
#include "src/model/closed_sockets.h"

namespace duostat {

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
