// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/decimal.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

namespace duostat {
namespace {

constexpr std::string_view kHexPrefix = "0x";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool has_sign(std::string_view text) { return text.starts_with('+') || text.starts_with('-'); }

/// Multiplies a string of decimal digits, the most significant first.
void multiply(std::string& digits, std::uint64_t factor) {
  std::uint64_t carry = 0;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    carry += static_cast<std::uint64_t>(*digit - '0') * factor;
    *digit = static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  if (carry != 0) digits.insert(0, std::to_string(carry));
}

/// Returns the digits of `text` without its point; `behind` counts the digits after it. Empty if a hexadecimal number
/// is too long.
std::string digits_of(std::string_view text, std::size_t& behind) {
  behind = 0;
  if (text.starts_with(kHexPrefix)) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data() + kHexPrefix.size(), text.data() + text.size(), value, 16);
    return error == std::errc() ? std::to_string(value) : std::string();
  }
  const auto point = text.find('.');
  std::string digits(text.substr(0, point));
  if (point == std::string_view::npos) return digits;
  behind = text.size() - point - 1;
  return digits.append(text.substr(point + 1));
}

}  // namespace

std::size_t decimal_length(std::string_view text) noexcept {
  std::size_t at = has_sign(text) ? 1 : 0;
  if (text.substr(at).starts_with(kHexPrefix)) {
    const std::size_t first = at + kHexPrefix.size();
    for (at = first; at < text.size() && is_hex_digit(text[at]);) ++at;
    return at == first ? 0 : at;
  }
  bool digit = false, point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    digit = digit || is_digit(text[at]);
    point = point || text[at] == '.';
  }
  return digit ? at : 0;
}

std::optional<Decimal> parse_decimal(std::string_view text, DecimalScale scale) {
  if (text.empty() || decimal_length(text) != text.size()) return std::nullopt;
  Decimal result;
  result.negative = text.front() == '-';
  if (has_sign(text)) text.remove_prefix(1);
  std::size_t behind = 0;
  std::string digits = digits_of(text, behind);
  if (digits.empty()) return std::nullopt;
  multiply(digits, scale.factor);
  if (scale.power_of_ten > 0) digits.append(static_cast<std::size_t>(scale.power_of_ten), '0');
  if (scale.power_of_ten < 0) behind += static_cast<std::size_t>(-scale.power_of_ten);
  if (digits.size() <= behind) digits.insert(0, behind + 1 - digits.size(), '0');

  const std::size_t point = digits.size() - behind;
  const std::string_view before = std::string_view(digits).substr(0, point);
  result.fraction = std::string_view(digits).substr(point).find_first_not_of('0') != std::string_view::npos;
  if (std::from_chars(before.data(), before.data() + before.size(), result.whole).ec != std::errc()) {
    result.beyond = true;
    result.whole = ~std::uint64_t{0};
  }
  if (result.whole == 0 && !result.fraction) result.negative = false;
  digits.insert(point, 1, '.');  // this program always runs in the "C" locale
  result.nearest = std::strtod(digits.c_str(), nullptr) * (result.negative ? -1 : 1);
  return result;
}

std::strong_ordering compare(std::uint64_t number, const Decimal& decimal) noexcept {
  if (decimal.negative) return std::strong_ordering::greater;
  if (decimal.beyond) return std::strong_ordering::less;
  if (number != decimal.whole) return number <=> decimal.whole;
  return decimal.fraction ? std::strong_ordering::less : std::strong_ordering::equal;
}

std::strong_ordering compare(std::int64_t number, const Decimal& decimal) noexcept {
  if (number >= 0) return compare(static_cast<std::uint64_t>(number), decimal);
  if (!decimal.negative) return std::strong_ordering::less;
  Decimal magnitude = decimal;
  magnitude.negative = false;
  return 0 <=> compare(-static_cast<std::uint64_t>(number), magnitude);
}

}  // namespace duostat
