// Escapes text from other processes before output (doc/ARCHITECTURE.md, "Errors").
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace duostat {

/// True for single bytes that a terminal may interpret: C0, DEL and bare C1.
constexpr bool is_control(unsigned char c) { return c < 0x20 || c == 0x7f || (c >= 0x80 && c <= 0x9f); }

namespace detail {
/// Length of the well-formed UTF-8 sequence at the start of `text` (RFC 3629), 0 if there is none.
constexpr std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool surrogate = first == 0xed && byte(1) > 0x9f, overlong = first == 0xe0 && byte(1) < 0xa0;
    return tail(1) && tail(2) && !surrogate && !overlong ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool beyond = first == 0xf4 && byte(1) > 0x8f, overlong = first == 0xf0 && byte(1) < 0x90;
    return tail(1) && tail(2) && tail(3) && !beyond && !overlong ? 4 : 0;
  }
  return 0;
}
}  // namespace detail

/// Returns the well-formed sequence at the start of `text`, or its first byte if there is none.
constexpr std::string_view first_sequence(std::string_view text) {
  return text.substr(0, std::max<std::size_t>(detail::utf8_length(text), 1));
}

/// True for U+0080 to U+009F in UTF-8. `sequence` is one well-formed sequence.
constexpr bool is_encoded_c1(std::string_view sequence) {
  return sequence.size() == 2 && sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) <= 0x9f;
}

/// True if the sequence is a control character: C0, DEL, or C1 in either form.
constexpr bool is_control(std::string_view sequence) {
  return is_encoded_c1(sequence) || (sequence.size() == 1 && is_control(static_cast<unsigned char>(sequence[0])));
}

/// True for characters that change the text direction (U+202A to U+202E, U+2066 to U+2069) or end a line (U+2028,
/// U+2029): they change how the text after them is displayed. `sequence` is one well-formed sequence.
constexpr bool is_misleading(std::string_view sequence) {
  if (sequence.size() != 3 || sequence[0] != '\xe2') return false;
  const auto middle = static_cast<unsigned char>(sequence[1]), last = static_cast<unsigned char>(sequence[2]);
  return (middle == 0x80 && last >= 0xa8 && last <= 0xae) || (middle == 0x81 && last >= 0xa6 && last <= 0xa9);
}

/// Returns `text` with every control character replaced by '.': bytes 0x01-0x1f and 0x7f, and C1 controls, whether
/// encoded in UTF-8 or bare. Other bytes stay, even if they are not UTF-8. Returns clean text as it is; otherwise
/// `scratch` holds the result.
inline std::string_view without_controls(std::string_view text, std::string& scratch) {
  const auto suspicious = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u < 0x20 || u >= 0x7f;
  };
  if (std::ranges::none_of(text, suspicious)) return text;
  scratch.clear();
  while (!text.empty()) {
    const std::string_view sequence = first_sequence(text);
    if (is_control(sequence)) {
      scratch.push_back('.');
    } else {
      scratch.append(sequence);
    }
    text.remove_prefix(sequence.size());
  }
  return scratch;
}

}  // namespace duostat
