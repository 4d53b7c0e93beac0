// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/table.h"

#include <algorithm>
#include <utility>

#include "src/base/display_width.h"
#include "src/base/escape.h"

namespace duostat {

namespace {

constexpr std::string_view kCut = "…";

}  // namespace

Table::Table(Output& out, std::vector<Title> titles, bool header, Form form)
    : out_(out), titles_(std::move(titles)), header_(header), form_(form), widths_(titles_.size()) {
  if (!header_) return;
  for (std::size_t i = 0; i < titles_.size(); ++i) widths_[i] = titles_[i].text.size();
}

void Table::number(const Value& value) {
  const Title& title = titles_[column_];
  const Unit shown = title.shown == Unit::none ? title.unit : title.shown;
  char digits[kNumberTextMax];
  char* const end = form_.for_people && !title.exact ? format_for_people(digits, value, title.unit)
                                                     : format_number(digits, value, title.unit, shown);
  text_.append(digits, end);
}

void Table::csv_text(std::string_view text) {
  const bool quotes = text.empty() || text.find_first_of(",\"\r\n") != text.npos;
  if (!quotes) return out_.append(text);
  out_.append('"');
  for (const char c : text) {
    if (c == '"') out_.append('"');
    out_.append(c);
  }
  out_.append('"');
}

void Table::csv_titles() {
  for (std::size_t i = 0; header_ && i < titles_.size(); ++i) {
    if (i != 0) out_.append(',');
    csv_text(titles_[i].text);
  }
  if (header_) out_.append("\r\n");
  header_ = false;
}

void Table::csv_cell(const Value& value) {
  csv_titles();
  if (column_ != 0) out_.append(',');
  if (value.is_text()) {
    csv_text(without_controls(value.text(), scratch_));
  } else if (!value.absent()) {
    text_.clear();
    number(value);
    out_.append(text_);
  }
  if (++column_ < titles_.size()) return;
  column_ = 0;
  out_.append("\r\n");
}

void Table::cell(const Value& value) {
  if (form_.csv) return csv_cell(value);
  constexpr std::size_t kKept = 1 << 20;
  const std::size_t start = text_.size();
  if (value.is_text()) text_.append(value.text().empty() ? "-" : without_controls(value.text(), scratch_));
  else if (value.absent()) text_ += '-';
  else number(value);
  std::size_t& width = widths_[column_];
  width = std::max(width, display_width(std::string_view(text_).substr(start)));
  ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  if (++column_ < titles_.size()) return;
  column_ = 0;
  if (text_.size() >= kKept) flush();
}

/// Narrows the widest texts until lines fit, or all texts are short. Numbers keep their width.
void Table::fit() {
  constexpr std::size_t kShortest = 8;
  if (form_.width == 0) return;
  std::size_t total = titles_.size() - 1;
  for (const std::size_t width : widths_) total += width;
  for (; total > form_.width; --total) {
    std::size_t widest = titles_.size();
    for (std::size_t i = 0; i < titles_.size(); ++i)
      if (!titles_[i].right && widths_[i] > kShortest && (widest == titles_.size() || widths_[i] > widths_[widest]))
        widest = i;
    if (widest == titles_.size()) return;
    --widths_[widest];
  }
}

void Table::flush() {
  if (form_.csv) return csv_titles();
  fit();
  const auto put = [&](std::size_t column, std::string_view text) {
    const std::size_t size = display_width(text), width = widths_[column];
    const std::size_t blanks = size < width ? width - size : 0;
    const bool last = column + 1 == titles_.size();
    if (titles_[column].right) out_.append(blanks, ' ');
    const bool too_wide = size > width && !titles_[column].right && form_.width != 0;
    out_.append(too_wide ? beginning_of_width(text, width - 1) : text);
    if (too_wide) out_.append(kCut);
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
