// The lines of the file that ss's -F names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

namespace duostat::ss {

/// Up to the first line that cannot be used, or the end of the file.
struct FilterLines {
  std::vector<std::string> lines;  ///< without comments
  std::string complaint;           ///< about what follows them; empty: the file is whole
};

/// Reads until the end of the file. A line ends at its newline, and at the first NUL byte in it. With its newline it
/// has at most 1022 bytes, as in ss.
FilterLines read_filter_lines(int fd);

}  // namespace duostat::ss
