// The width of UTF-8 text on a terminal, in columns. Every character counts as one, also a wide one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace duostat {

/// True for a byte that continues a UTF-8 sequence: it takes no column.
constexpr bool continues_sequence(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

inline std::size_t display_width(std::string_view text) {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, continues_sequence));
}

/// The longest beginning of `text` that takes at most `width` columns.
inline std::string_view beginning_of_width(std::string_view text, std::size_t width) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (!continues_sequence(text[at]) && width-- == 0) break;
  return text.substr(0, at);
}

}  // namespace duostat
