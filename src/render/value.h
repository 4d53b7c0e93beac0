// One value of a column, with its kind and unit.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace duostat {

enum class Unit : std::uint8_t { none, text, bytes, segments, milliseconds, microseconds, bits_per_second };

constexpr bool is_time(Unit unit) { return unit == Unit::milliseconds || unit == Unit::microseconds; }

/// "bytes", "ms", …; empty for plain numbers, truth values and text.
std::string_view unit_word(Unit unit);

/// Absent, a number, a truth value or text. Text is a view.
class Value {
 public:
  enum class Kind : std::uint8_t { absent, unsigned_number, signed_number, real, boolean, text };

  constexpr Value() = default;
  static constexpr Value of(std::uint64_t number) {
    Value v(Kind::unsigned_number);
    return v.number_ = number, v;
  }
  static constexpr Value signed_of(std::int64_t number) {
    Value v(Kind::signed_number);
    return v.signed_ = number, v;
  }
  static constexpr Value real_of(double number) {
    Value v(Kind::real);
    return v.real_ = number, v;
  }
  static constexpr Value boolean_of(bool truth) {
    Value v(Kind::boolean);
    return v.number_ = truth, v;
  }
  /// A product; becomes a real number if it exceeds 64 bits.
  static constexpr Value product_of(std::uint64_t number, std::uint64_t factor) {
    std::uint64_t whole = 0;
    if (!__builtin_mul_overflow(number, factor, &whole)) return of(whole);
    return real_of(static_cast<double>(number) * static_cast<double>(factor));
  }
  /// Raw bytes: callers escape them for output.
  static constexpr Value text_of(std::string_view text) {
    Value v(Kind::text);
    return v.text_ = text, v;
  }

  constexpr Kind kind() const { return kind_; }
  constexpr bool absent() const { return kind_ == Kind::absent; }
  constexpr bool is_text() const { return kind_ == Kind::text; }
  constexpr bool is_number() const { return !absent() && !is_text(); }
  constexpr std::uint64_t number() const { return number_; }  ///< unsigned numbers and truth values
  constexpr std::int64_t signed_number() const { return signed_; }
  constexpr double real() const { return real_; }
  constexpr std::string_view text() const { return text_; }
  /// Any number as a double.
  constexpr double as_real() const {
    switch (kind_) {
      case Kind::signed_number: return static_cast<double>(signed_);
      case Kind::real: return real_;
      default: return static_cast<double>(number_);
    }
  }

 private:
  explicit constexpr Value(Kind kind) : kind_(kind) {}
  Kind kind_ = Kind::absent;
  union {
    std::uint64_t number_ = 0;
    std::int64_t signed_;
    double real_;
  };
  std::string_view text_;
};

/// Numbers sort before text, absent values last; integers compare exactly.
std::weak_ordering compare(const Value& a, const Value& b);

/// Longest text of a number.
inline constexpr int kNumberTextMax = 32;
/// Decimal, "true" or "false", in the form of JSON; writes nothing for text and for absent values. A real number has a
/// point or an exponent.
char* format_number(char* at, const Value& value);

/// The same of a time in another unit, exact: 52200 us are "52.2" ms. Other units and kinds of values as above.
char* format_number(char* at, const Value& value, Unit from, Unit to);
/// The same for people: "52.2ms", "1.2M", "940Mbps". Three or more digits are significant. Numbers below 10,000 and
/// units that are no times, bytes or rates are exact. --where reads every form.
char* format_for_people(char* at, const Value& value, Unit unit);

}  // namespace duostat
