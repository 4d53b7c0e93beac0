// A table for people: columns as wide as their cells, made to fit a terminal by cutting those that may be cut.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/output.h"

namespace duostat::command {

class TextTable {
 public:
  struct Column {
    std::string_view title;
    bool right = false;     ///< numbers
    std::size_t least = 0;  ///< may be cut to this width, with ".." at the end; 0: is never cut
    bool rare = false;      ///< left out of a table without rows, too
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// Adds a row of as many cells as there are columns. Cells are raw bytes; control characters are replaced.
  void row(std::vector<std::string> cells);
  /// Prints the titles and rows. A column without any text is left out. `width`: of the terminal; 0: nothing is cut.
  void print(Output& out, std::size_t width) const;

 private:
  std::vector<std::size_t> widths(std::size_t width) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// The first `width` characters; if that cuts something, the last two are "..".
std::string cut(std::string_view text, std::size_t width);

}  // namespace duostat::command
