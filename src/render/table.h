// A plain table: a line of titles, then cells in columns that are as wide as their widest cell.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/output.h"
#include "src/render/value.h"

namespace duostat {

/// Buffers cells up to a megabyte, then writes them; later rows keep these widths unless they need more. A short list
/// is therefore aligned as a whole, and a long one takes constant memory.
class Table {
 public:
  struct Title {
    std::string text;
    bool right = false;              ///< numbers
    Unit unit = Unit::none;          ///< of the values
    Unit shown = Unit::none;         ///< what times are converted to; none: not
    bool exact = false;              ///< the title names the unit: never in a form for people
  };
  /// Settings for a terminal.
  struct Form {
    std::size_t width = 0;    ///< texts are cut, with "…", so that lines fit; 0: they are not
    bool for_people = false;  ///< numbers as format_for_people() prints them
    bool csv = false;         ///< comma-separated values (RFC 4180), a row at once; an absent value is an empty field
  };
  Table(Output& out, std::vector<Title> titles, bool header) : Table(out, std::move(titles), header, Form()) {}
  Table(Output& out, std::vector<Title> titles, bool header, Form form);

  /// Adds the next cell; after the last one of a row the next row begins. Absent: "-".
  void cell(const Value& value);
  /// Writes the buffered rows; later rows keep these widths unless they need more.
  void flush();
  /// Ends the table: writes its titles even if it has no rows.
  void finish();

 private:
  void number(const Value& value);
  void csv_cell(const Value& value);
  void csv_titles();
  void csv_text(std::string_view text);
  void fit();

  Output& out_;
  std::vector<Title> titles_;
  bool header_;
  Form form_;
  std::vector<std::size_t> widths_;
  std::size_t column_ = 0;
  std::string text_;                ///< text of all buffered cells
  std::vector<std::uint32_t> ends_; ///< end of each cell in text_
  std::string scratch_;
};

}  // namespace duostat
