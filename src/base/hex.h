// Formats bytes as hexadecimal digits.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/bytes.h"

namespace duostat {

/// Appends two lower-case digits per byte, without separators.
inline void append_hex(std::string& text, Bytes bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::byte b : bytes) {
    const auto value = std::to_integer<unsigned>(b);
    text += {kDigits[value >> 4], kDigits[value & 15]};
  }
}
inline void append_hex(std::string& text, std::string_view bytes) { append_hex(text, std::as_bytes(std::span(bytes))); }

}  // namespace duostat
