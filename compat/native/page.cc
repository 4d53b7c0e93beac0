// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/page.h"

#include <algorithm>

#include "src/base/escape.h"

namespace duostat::native {

void Page::heading(std::string_view text) {
  line(0, text);
  out_.append(text.size(), '-');
  out_.append('\n');
}

void Page::line(std::size_t indent, std::string_view text) {
  out_.append(indent, ' ');
  std::string_view safe = without_controls(text, scratch_);
  while (safe.ends_with(' ')) safe.remove_suffix(1);
  out_.append(safe);
  out_.append('\n');
}

void Page::paragraph(std::size_t indent, std::string_view text) {
  out_.append(indent, ' ');
  fold(indent, indent, text);
}

void Page::item(std::size_t indent, std::string_view label, std::string_view text, std::size_t width) {
  out_.append(indent, ' ');
  out_.append(label);
  const std::size_t column = indent + std::max(width, label.size() + 1);
  out_.append(column - indent - label.size(), ' ');
  fold(column, indent + width, text);
}

void Page::term(std::size_t indent, std::string_view name, std::string_view value, std::string_view words) {
  constexpr std::size_t kName = 20, kValue = 11;
  out_.append(indent, ' ');
  out_.append(name);
  out_.append(kName - std::min(kName - 1, name.size()), ' ');
  if (words.empty()) return line(0, value);
  out_.append(value);
  const std::size_t gap = kValue - std::min(kValue - 1, value.size());
  out_.append(gap, ' ');
  fold(indent + kName + value.size() + gap, indent + kName + kValue, words);
}

void Page::fold(std::size_t at, std::size_t indent, std::string_view text) {
  std::string_view safe = without_controls(text, scratch_);
  bool first = true;
  while (!safe.empty()) {
    const std::string_view word = safe.substr(0, safe.find(' '));
    safe.remove_prefix(std::min(safe.size(), word.size() + 1));
    if (word.empty()) continue;
    if (!first && at + 1 + word.size() > kWidth) {
      out_.append('\n');
      out_.append(indent, ' ');
      at = indent;
    } else if (!first) {
      out_.append(' ');
      ++at;
    }
    out_.append(word);
    at += word.size();
    first = false;
  }
  out_.append('\n');
}

}  // namespace duostat::native
