// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/text_table.h"

#include <algorithm>
#include <utility>

#include "src/base/escape.h"

namespace duostat::command {

std::size_t displayed(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string cut(std::string_view text, std::size_t width) {
  constexpr std::string_view kMark = "..";
  if (displayed(text) <= width) return std::string(text);
  const std::size_t kept = width - std::min(width, kMark.size());
  std::size_t end = 0;
  for (std::size_t n = 0; end < text.size() && n < kept; ++n) end += first_sequence(text.substr(end)).size();
  return std::string(text.substr(0, end)).append(kMark.substr(0, width));
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
    for (const auto& row : rows_) widths[i] = std::max(widths[i], displayed(row[i]));
    if (widths[i] != 0 || (rows_.empty() && !columns_[i].rare))
      widths[i] = std::max(widths[i], displayed(columns_[i].title));
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
      const std::size_t rest = wide[i] - displayed(cell);
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
