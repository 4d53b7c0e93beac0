// Decimal numbers of any length, read exactly: "1.001" times 1000 is 1001.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace duostat {

/// What a number is multiplied by: `factor` (at most 2^56) times 10^`power_of_ten`.
struct DecimalScale {
  std::uint64_t factor = 1;
  int power_of_ten = 0;
};

/// A number with a fraction, as exactly as whole numbers can be compared with it.
struct Decimal {
  bool negative = false;    ///< never for zero
  bool beyond = false;      ///< the whole part needs more than 64 bits
  bool fraction = false;    ///< the part behind the point is not zero
  std::uint64_t whole = 0;  ///< the part before the point without its sign; all ones if `beyond`
  double nearest = 0;       ///< the number as a double, correctly rounded
};

/// How many characters of `text` are a number: a sign, digits with at most one point among them, or hexadecimal digits after "0x".
/// At least one digit; no exponent, no words. 0: none.
std::size_t decimal_length(std::string_view text) noexcept;

/// The number in `text`, whose whole length decimal_length() has found, times `scale`. nullopt if it is none, or hexadecimal and
/// longer than 64 bits.
std::optional<Decimal> parse_decimal(std::string_view text, DecimalScale scale = {});

/// The exact order of a whole number and a decimal one.
std::strong_ordering compare(std::uint64_t number, const Decimal& decimal) noexcept;
std::strong_ordering compare(std::int64_t number, const Decimal& decimal) noexcept;

}  // namespace duostat
