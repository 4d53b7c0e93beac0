// Parses rows of /proc/net/unix.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/model/socket.h"

namespace duostat::procfs {

/// The columns of one row.
struct UnixRow {
  std::uint64_t address = 0;    ///< hashed kernel address
  bool has_address = false;     ///< false: the kernel printed none
  unsigned address_width = 0;   ///< characters of the first column
  std::uint32_t refcount = 0, protocol = 0, flags = 0, type = 0, state = 0;
  std::uint64_t inode = 0;
  bool has_inode = false;
  std::string_view name;        ///< everything after the one blank that ends the previous column
  bool kernel_shape = false;    ///< every column has the width that unix_seq_show() gives it
};

/// False if `line` is not a row: one of the first six columns is missing. `has_inode_column` comes from the heading.
bool parse_unix(std::string_view line, bool has_inode_column, UnixRow& row) noexcept;

/// Sets the members for all columns but the name. `detail` must live as long as the socket's pointer to it.
void fill_unix(const UnixRow& row, bool has_inode_column, Socket& socket, UnixDetail& detail);

}  // namespace duostat::procfs
