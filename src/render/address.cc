// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/address.h"

#include <array>
#include <bit>
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

/// Decimal text of a byte and its length: formatting an IPv4 address is four lookups.
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

namespace {

/// 10 to the power of the index.
constexpr std::array<std::uint64_t, 20> kPowers = [] {
  std::array<std::uint64_t, 20> powers{1};
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

/// Number of digits of `value`. 1233/4096 approximates log10(2) closely enough to be off by at most one.
int count_digits(std::uint64_t value) noexcept {
  const auto guess = static_cast<unsigned>(std::bit_width(value | 1) * 1233 >> 12);
  return static_cast<int>(guess) + (value >= kPowers[guess] ? 1 : 0);
}

}  // namespace

/// Writes digits from the end, two at a time, directly in place: reversing or moving the text costs more than counting
/// digits.
char* format_decimal(char* at, std::uint64_t value) noexcept {
  char* const end = at + (value < 10 ? 1 : count_digits(value));
  char* p = end;
  for (; value >= 100; value /= 100) std::memcpy(p -= 2, &kPairs[value % 100 * 2], 2);
  if (value >= 10) {
    std::memcpy(p - 2, &kPairs[value * 2], 2);
  } else {
    p[-1] = static_cast<char>('0' + value);
  }
  return end;
}

char* format_signed(char* at, std::int64_t value) noexcept {
  if (value >= 0) return format_decimal(at, static_cast<std::uint64_t>(value));
  *at++ = '-';
  return format_decimal(at, 0 - static_cast<std::uint64_t>(value));
}

}  // namespace duostat
