// Columns of a row, written straight into the output's buffer. Widths are bytes, as in the original.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "src/render/address.h"

namespace duostat::netstat {

/// Text as it is; an empty view may have no data at all, which memcpy must not be given.
inline char* put(char* at, std::string_view text) noexcept {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

/// Blanks from `at` until `start` + `width`; nothing if the text is that long already.
inline char* pad(char* start, char* at, int width) noexcept {
  const auto length = static_cast<int>(at - start);
  if (length >= width) return at;
  std::memset(at, ' ', static_cast<std::size_t>(width - length));
  return start + width;
}

/// Text at the left of a column; longer text pushes what follows.
inline char* put_left(char* at, std::string_view text, int width) noexcept { return pad(at, put(at, text), width); }

inline char* put_decimal_left(char* at, std::int64_t value, int width) noexcept {
  return pad(at, format_signed(at, value), width);
}

inline char* put_decimal_right(char* at, std::int64_t value, int width) noexcept {
  char digits[24];
  const auto length = static_cast<int>(format_signed(digits, value) - digits);
  for (int i = length; i < width; ++i) *at++ = ' ';
  return put(at, {digits, static_cast<std::size_t>(length)});
}

}  // namespace duostat::netstat
