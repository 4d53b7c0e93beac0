// Parses rows of /proc/net/tcp, udp, udplite, raw, icmp and their IPv6 counterparts.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/model/socket.h"
#include "src/procfs/table.h"

namespace duostat::procfs {

/// How to parse a row.
struct InetRowRequest {
  Protocol protocol;
  unsigned ticks = 100;         ///< clock ticks per second
  const Query* query = nullptr; ///< rows outside this query are not parsed to their end; null: parse all rows
};

/// Parses `line` into a cleared `socket`. `tail`, if not null, receives what /proc/net/tcp has beyond the common
/// columns (its `extra` points into `line`). The caller sets Socket::inet.
Row parse_inet(std::string_view line, const InetRowRequest& request, Socket& socket, TcpProcfs* tail) noexcept;

}  // namespace duostat::procfs
