// What the kernel's filter sees of a socket.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/diag/bytecode.h"
#include "src/model/socket.h"

namespace duostat {

/// `port_bound`: a program chose the local port (SOCK_BINDPORT_LOCK), which no member of a socket says.
inline BytecodeEntry entry_of(const Socket& s, bool port_bound) {
  BytecodeEntry entry;
  entry.family = s.family;
  entry.source = s.local.address;
  entry.destination = s.remote.address;
  entry.source_port = static_cast<std::uint16_t>(s.local.port);
  entry.destination_port = static_cast<std::uint16_t>(s.remote.port);
  entry.ifindex = s.ifindex;
  entry.mark = s.mark;
  entry.cgroup_id = s.cgroup_id;
  entry.port_bound = port_bound;
  return entry;
}

}  // namespace duostat
