// A plain table: a line of titles, cells in columns as wide as their widest.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/output.h"
#include "src/render/value.h"

namespace duostat {

/// Cells are kept until a megabyte of them is together; then they are written, and later ones keep to the widths reached, unless
/// they need more. A short list is aligned as a whole, and a long one takes constant memory.
class Table {
 public:
  struct Title {
    std::string text;
    bool right = false;  ///< numbers
  };
  Table(Output& out, std::vector<Title> titles, bool header);

  /// The next cell; after the last one of a row the next begins. Absent: "-".
  void cell(const Value& value);
  /// Writes the rows that are kept; those that follow keep to the widths reached, unless they need more.
  void flush();
  /// Ends the table: its titles are written even if it has no rows.
  void finish();

 private:
  std::size_t displayed(std::string_view text) const;

  Output& out_;
  std::vector<Title> titles_;
  bool header_;
  std::vector<std::size_t> widths_;
  std::size_t column_ = 0;
  std::string text_;                ///< of all cells kept
  std::vector<std::uint32_t> ends_; ///< of each, in text_
  std::string scratch_;
};

}  // namespace duostat
