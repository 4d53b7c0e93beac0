// Parses rows of /proc/net/packet.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/model/socket.h"
#include "src/procfs/table.h"

namespace duostat::procfs {

/// Parses `line` into a cleared `socket`.
Row parse_packet(std::string_view line, Socket& socket) noexcept;

}  // namespace duostat::procfs
