// Exact decimal numbers of any length: "1.001" times 1000 is 1001.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace duostat {

/// A multiplier: `factor` (at most 2^56) times 10^`power_of_ten`.
struct DecimalScale {
  std::uint64_t factor = 1;
  int power_of_ten = 0;
};

/// A decimal number, split so that comparing it with integers is exact.
struct Decimal {
  bool negative = false;    ///< never for zero
  bool beyond = false;      ///< the whole part needs more than 64 bits
  bool fraction = false;    ///< the part after the point is not zero
  std::uint64_t whole = 0;  ///< the part before the point, without its sign; all ones if `beyond`
  double nearest = 0;       ///< the number as a double, correctly rounded
};

/// Returns the length of the number at the start of `text`: an optional sign, then digits with at most one point, or
/// "0x" and hexadecimal digits. Needs at least one digit; no exponent, no words. 0 if there is no number.
std::size_t decimal_length(std::string_view text) noexcept;

/// Parses all of `text`, as accepted by decimal_length(), and multiplies it by `scale`. nullopt if it is not a number,
/// or is hexadecimal and longer than 64 bits.
std::optional<Decimal> parse_decimal(std::string_view text, DecimalScale scale = {});

/// Compares an integer with a decimal number exactly.
std::strong_ordering compare(std::uint64_t number, const Decimal& decimal) noexcept;
std::strong_ordering compare(std::int64_t number, const Decimal& decimal) noexcept;

}  // namespace duostat
