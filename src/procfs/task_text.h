// Parsers of files and links of /proc/PID.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace duostat {

/// The task name in the text of /proc/PID/stat: between the first '(' and the last ')'. The name may contain any byte,
/// including ')'; nothing after it contains ')'. Empty if there is none.
std::string_view comm_of(std::string_view stat) noexcept;

/// The inode in the link /proc/PID/fd/N of a socket: "socket:[31337]" (sockfs_dname()); until Linux 2.2
/// "[0000]:31337". 0 for other links.
std::uint64_t socket_inode(std::string_view link) noexcept;

}  // namespace duostat
