// Rows of /proc/net/tcp, udp, udplite, raw, icmp and their IPv6 twins.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/model/socket.h"
#include "src/procfs/table.h"

namespace duostat::procfs {

/// How to read a row.
struct InetRowRequest {
  Protocol protocol;
  unsigned ticks = 100;         ///< clock ticks a second
  const Query* query = nullptr; ///< rows that it does not ask for are not read to their end; null: all are read
};

/// Reads `line` into a cleared `socket`; `tail`, if not null, takes what /proc/net/tcp has beyond the common columns
/// (its `extra` points into `line`). Socket::inet is left to the caller.
Row parse_inet(std::string_view line, const InetRowRequest& request, Socket& socket, TcpProcfs* tail) noexcept;

}  // namespace duostat::procfs
