// Parses numbers and words from one line of text. Never throws, allocates or depends on the locale.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace duostat {

/// Value of a hexadecimal digit, 0xff for any other byte.
inline constexpr std::array<std::uint8_t, 256> kHexValue = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(0xff);
  for (int i = 0; i < 10; ++i) values[static_cast<unsigned>('0' + i)] = static_cast<std::uint8_t>(i);
  for (int i = 0; i < 6; ++i) {
    values[static_cast<unsigned>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    values[static_cast<unsigned>('A' + i)] = static_cast<std::uint8_t>(10 + i);
  }
  return values;
}();

/// A position in a text. Each reading function returns false, and leaves the position unchanged, if the text does not
/// match. A number of more than 64 bits keeps its low bits, as in the kernel's own parsers.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : at_(text.data()), end_(text.data() + text.size()) {}

  bool done() const noexcept { return at_ == end_; }
  std::string_view rest() const noexcept { return {at_, static_cast<std::size_t>(end_ - at_)}; }
  /// Skips spaces and tabs.
  void skip_blanks() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }
  bool expect(char c) noexcept {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }
  /// Unsigned hexadecimal without 0x; skips leading blanks.
  bool hex(std::uint64_t& value) noexcept {
    const char* start = at_;
    skip_blanks();
    std::uint64_t v = 0;
    const char* first = at_;
    for (std::uint8_t digit; at_ != end_ && (digit = kHexValue[static_cast<unsigned char>(*at_)]) != 0xff; ++at_)
      v = v << 4 | digit;
    if (at_ == first) return at_ = start, false;
    value = v;
    return true;
  }
  /// Unsigned decimal; a leading '-' negates, as in scanf("%lu"). Skips leading blanks.
  bool dec(std::uint64_t& value) noexcept {
    const char* start = at_;
    skip_blanks();
    const bool negative = expect('-');
    std::uint64_t v = 0;
    const char* first = at_;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) v = v * 10 + static_cast<unsigned>(*at_ - '0');
    if (at_ == first) return at_ = start, false;
    value = negative ? 0 - v : v;
    return true;
  }
  /// The bytes up to the next blank or the end. Skips leading blanks.
  bool word(std::string_view& value) noexcept {
    const char* start = at_;
    skip_blanks();
    const char* first = at_;
    while (at_ != end_ && *at_ != ' ' && *at_ != '\t') ++at_;
    if (at_ == first) return at_ = start, false;
    value = {first, static_cast<std::size_t>(at_ - first)};
    return true;
  }

 private:
  const char* at_;
  const char* end_;
};

}  // namespace duostat
