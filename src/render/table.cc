// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/table.h"

#include <algorithm>
#include <utility>

#include "src/base/escape.h"

namespace duostat {

Table::Table(Output& out, std::vector<Title> titles, bool header)
    : out_(out), titles_(std::move(titles)), header_(header), widths_(titles_.size()) {
  if (!header_) return;
  for (std::size_t i = 0; i < titles_.size(); ++i) widths_[i] = titles_[i].text.size();
}

/// Width on the screen: UTF-8 continuation bytes take no column.
std::size_t Table::displayed(std::string_view text) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

void Table::cell(const Value& value) {
  constexpr std::size_t kKept = 1 << 20;
  const std::size_t start = text_.size();
  if (value.is_text()) {
    text_.append(value.text().empty() ? "-" : without_controls(value.text(), scratch_));
  } else if (value.absent()) {
    text_ += '-';
  } else {
    char digits[kNumberTextMax];
    text_.append(digits, format_number(digits, value));
  }
  std::size_t& width = widths_[column_];
  width = std::max(width, displayed(std::string_view(text_).substr(start)));
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  if (++column_ < titles_.size()) return;
  column_ = 0;
  if (text_.size() >= kKept) flush();
}

void Table::flush() {
  const auto put = [&](std::size_t column, std::string_view text) {
    const std::size_t size = displayed(text);
    const std::size_t blanks = size < widths_[column] ? widths_[column] - size : 0;
    const bool last = column + 1 == titles_.size();
    if (titles_[column].right) out_.append(blanks, ' ');
    out_.append(text);
    if (!titles_[column].right && !last) out_.append(blanks, ' ');
    out_.append(last ? '\n' : ' ');
  };
  if (header_)
    for (std::size_t i = 0; i < titles_.size(); ++i) put(i, titles_[i].text);
  header_ = false;
  std::size_t start = 0;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    put(i % titles_.size(), std::string_view(text_).substr(start, ends_[i] - start));
    start = ends_[i];
  }
  text_.clear();
  ends_.clear();
}

void Table::finish() { flush(); }

}  // namespace duostat
