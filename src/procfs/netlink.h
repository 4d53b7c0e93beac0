// Rows of /proc/net/netlink.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/model/socket.h"
#include "src/procfs/table.h"

namespace duostat::procfs {

/// Reads `line` into a cleared `socket` and `detail`; Socket::netlink is left to the caller.
Row parse_netlink(std::string_view line, Socket& socket, NetlinkDetail& detail) noexcept;

}  // namespace duostat::procfs
