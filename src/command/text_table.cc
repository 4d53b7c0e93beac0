// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/text_table.h"

#include <algorithm>
#include <utility>

#include "src/base/display_width.h"
#include "src/base/escape.h"

namespace duostat::command {

std::string cut(std::string_view text, std::size_t width) {
  constexpr std::string_view kMark = "..";
  if (display_width(text) <= width) return std::string(text);
  const std::size_t kept = width - std::min(width, kMark.size());
  return std::string(beginning_of_width(text, kept)).append(kMark.substr(0, width));
}

void TextTable::row(std::vector<std::string> cells) {
  std::string scratch;
  for (std::string& cell : cells)
    if (const std::string_view clean = without_controls(cell, scratch); clean.data() != cell.data()) cell = clean;
  rows_.push_back(std::move(cells));
}

/// 0: the column is left out.
std::vector<std::size_t> TextTable::widths(std::size_t width) const {
  std::vector<std::size_t> widths(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    for (const auto& row : rows_) widths[i] = std::max(widths[i], display_width(row[i]));
    if (widths[i] != 0 || (rows_.empty() && !columns_[i].rare))
      widths[i] = std::max(widths[i], display_width(columns_[i].title));
  }
  if (width == 0) return widths;
  std::size_t total = 0;
  for (const std::size_t w : widths) total += w == 0 ? 0 : w + 1;
  for (; total > width + 1; --total) {  // no blank after the last column
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].least != 0 && widths[i] > columns_[i].least &&
          (widest == columns_.size() || widths[i] > widths[widest]))
        widest = i;
    if (widest == columns_.size()) break;
    --widths[widest];
  }
  return widths;
}

void TextTable::print(Output& out, std::size_t width) const {
  const std::vector<std::size_t> wide = widths(width);
  const auto line = [&](auto&& cell_of) {
    std::string text;
    std::size_t blanks = 0;  // before the next text, so that none end a line
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (wide[i] == 0) continue;
      const std::string cell = cut(cell_of(i), wide[i]);
      const std::size_t rest = wide[i] - display_width(cell);
      if (columns_[i].right) blanks += rest;
      if (!cell.empty()) {
        text.append(blanks, ' ').append(cell);
        blanks = 0;
      }
      blanks += (columns_[i].right ? 0 : rest) + 1;
    }
    out.append(text.append("\n"));
  };
  line([&](std::size_t i) { return columns_[i].title; });
  for (const auto& row : rows_) line([&](std::size_t i) { return std::string_view(row[i]); });
}

}  // namespace duostat::command
