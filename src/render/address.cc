// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/address.h"

#include <array>
#include <cstring>

namespace duostat {
namespace {

/// "00".."99".
constexpr std::array<char, 200> kPairs = [] {
  std::array<char, 200> pairs{};
  for (unsigned i = 0; i < 100; ++i) {
    pairs[2 * i] = static_cast<char>('0' + i / 10);
    pairs[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return pairs;
}();

/// Decimal text of a byte and its length: an address is four look-ups.
struct ByteText {
  char text[3];
  std::uint8_t length;
};
constexpr std::array<ByteText, 256> kBytes = [] {
  std::array<ByteText, 256> bytes{};
  for (unsigned i = 0; i < 256; ++i) {
    ByteText& b = bytes[i];
    if (i >= 100) b.text[b.length++] = static_cast<char>('0' + i / 100);
    if (i >= 10) b.text[b.length++] = static_cast<char>('0' + i / 10 % 10);
    b.text[b.length++] = static_cast<char>('0' + i % 10);
  }
  return bytes;
}();

char* put_byte(char* at, std::uint8_t value) noexcept {
  const ByteText& b = kBytes[value];
  std::memcpy(at, b.text, sizeof b.text);
  return at + b.length;
}

char* put_hex(char* at, unsigned value) noexcept {
  constexpr char digits[] = "0123456789abcdef";
  int shift = value >= 0x1000 ? 12 : value >= 0x100 ? 8 : value >= 0x10 ? 4 : 0;
  for (; shift >= 0; shift -= 4) *at++ = digits[value >> shift & 15];
  return at;
}

struct Run {
  int start = -1, length = 0;
};

Run longest_zero_run(const unsigned (&groups)[8]) noexcept {
  Run best, current;
  for (int i = 0; i < 8; ++i) {
    if (groups[i] != 0) {
      current = {};
      continue;
    }
    if (current.length == 0) current.start = i;
    if (++current.length > best.length) best = current;
  }
  return best.length >= 2 ? best : Run{};
}

}  // namespace

char* format_ipv4(char* at, const std::uint8_t* bytes) noexcept {
  at = put_byte(at, bytes[0]);
  for (int i = 1; i < 4; ++i) {
    *at++ = '.';
    at = put_byte(at, bytes[i]);
  }
  return at;
}

char* format_ipv6(char* at, const std::uint8_t* bytes) noexcept {
  unsigned groups[8];
  for (int i = 0; i < 8; ++i) groups[i] = static_cast<unsigned>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  const Run run = longest_zero_run(groups);
  for (int i = 0; i < 8; ++i) {
    if (run.length != 0 && i >= run.start && i < run.start + run.length) {
      if (i == run.start) *at++ = ':';
      continue;
    }
    if (i != 0) *at++ = ':';
    if (i == 6 && run.start == 0 && (run.length == 6 || (run.length == 5 && groups[5] == 0xffff)))
      return format_ipv4(at, bytes + 12);
    at = put_hex(at, groups[i]);
  }
  if (run.length != 0 && run.start + run.length == 8) *at++ = ':';
  return at;
}

char* format_decimal(char* at, std::uint64_t value) noexcept {
  char reversed[20];
  int first = 20;
  while (value >= 100) {
    first -= 2;
    std::memcpy(reversed + first, &kPairs[value % 100 * 2], 2);
    value /= 100;
  }
  if (value >= 10) {
    first -= 2;
    std::memcpy(reversed + first, &kPairs[value * 2], 2);
  } else {
    reversed[--first] = static_cast<char>('0' + value);
  }
  const auto length = static_cast<std::size_t>(20 - first);
  std::memcpy(at, reversed + first, length);
  return at + length;
}

char* format_signed(char* at, std::int64_t value) noexcept {
  if (value >= 0) return format_decimal(at, static_cast<std::uint64_t>(value));
  *at++ = '-';
  return format_decimal(at, 0 - static_cast<std::uint64_t>(value));
}

}  // namespace duostat
