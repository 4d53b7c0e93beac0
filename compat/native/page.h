// Text for a person: headings, labels and paragraphs that are folded at 80 columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/output.h"

namespace duostat::native {

class Page {
 public:
  static constexpr std::size_t kWidth = 80;
  explicit Page(Output& out) : out_(out) {}

  /// The heading of a section, underlined.
  void heading(std::string_view text);
  /// One line, as it is.
  void line(std::size_t indent, std::string_view text);
  /// Folded between words, every line indented.
  void paragraph(std::size_t indent, std::string_view text);
  /// A label, then a folded text `width` columns to its right.
  void item(std::size_t indent, std::string_view label, std::string_view text, std::size_t width = 14);
  /// A member's name, value and words, in columns.
  void term(std::size_t indent, std::string_view name, std::string_view value, std::string_view words);
  void blank() { out_.append('\n'); }

 private:
  /// Writes `text` folded; `at` columns of the first line are taken.
  void fold(std::size_t at, std::size_t indent, std::string_view text);

  Output& out_;
  std::string scratch_;
};

}  // namespace duostat::native
