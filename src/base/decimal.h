// Decimal fractions: std::from_chars() for double where a C++ library lacks it (libc++ before 20).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdlib>
#include <string>
#include <string_view>

namespace duostat {

/// Reads digits with at most one point among or around them, after an optional '-'. Returns how many characters that are; 0,
/// and `value` untouched, if there is no digit. No exponents, infinities or locale: this program never leaves the C locale.
inline std::size_t read_decimal(std::string_view text, double& value) {
  std::size_t end = text.starts_with('-') ? 1 : 0, digits = 0;
  for (bool point = false; end < text.size(); ++end) {
    const char c = text[end];
    if (c >= '0' && c <= '9') ++digits;
    else if (c == '.' && !point) point = true;
    else break;
  }
  if (digits == 0) return 0;
  value = std::strtod(std::string(text.substr(0, end)).c_str(), nullptr);
  return end;
}

}  // namespace duostat
