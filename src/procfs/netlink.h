// Parses rows of /proc/net/netlink.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/model/socket.h"
#include "src/procfs/table.h"

namespace duostat::procfs {

/// Parses `line` into a cleared `socket` and `detail`. The caller sets Socket::netlink.
Row parse_netlink(std::string_view line, Socket& socket, NetlinkDetail& detail) noexcept;

}  // namespace duostat::procfs
