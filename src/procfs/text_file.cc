// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/text_file.h"

#include <cstring>

namespace duostat::procfs {

bool read_count(Cursor& cursor, std::uint64_t& value) noexcept {
  constexpr std::size_t kSafeDigits = 19;
  Cursor ahead = cursor;
  ahead.skip_blanks();
  const std::string_view text = ahead.rest();
  if (!cursor.dec(value)) return false;
  const std::size_t digits = text.size() - cursor.rest().size();
  if (digits <= kSafeDigits) return true;
  std::uint64_t sum = 0;
  const bool negative = text[0] == '-';
  for (const char c : text.substr(negative ? 1 : 0, digits - (negative ? 1 : 0))) {
    if (__builtin_mul_overflow(sum, std::uint64_t{10}, &sum) ||
        __builtin_add_overflow(sum, static_cast<std::uint64_t>(c - '0'), &sum)) {
      value = UINT64_MAX;
      return true;
    }
  }
  return true;
}

bool read_inet_word(std::string_view word, Address& address) noexcept {
  std::uint64_t value = 0;
  Cursor cursor(word);
  if (word.size() != 8 || !cursor.hex(value) || !cursor.done()) return false;
  const auto bits = static_cast<std::uint32_t>(value);
  address = Address{};
  std::memcpy(address.data(), &bits, sizeof bits);
  return true;
}

bool read_inet6_word(std::string_view word, Address& address) noexcept {
  if (word.size() != 32) return false;
  Address read{};
  for (std::size_t i = 0; i < read.size(); ++i) {
    const unsigned high = kHexValue[static_cast<unsigned char>(word[2 * i])];
    const unsigned low = kHexValue[static_cast<unsigned char>(word[2 * i + 1])];
    if ((high | low) > 0xf) return false;
    read[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  address = read;
  return true;
}

}  // namespace duostat::procfs
