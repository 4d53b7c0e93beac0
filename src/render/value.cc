// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/value.h"

#include <algorithm>
#include <charconv>

#include "src/render/address.h"

namespace duostat {

std::string_view unit_word(Unit unit) {
  constexpr std::string_view kWords[] = {"", "", "bytes", "segments", "ms", "us", "bits/s"};
  return kWords[static_cast<unsigned>(unit)];
}

std::weak_ordering compare(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  const auto rank = [](const Value& v) { return v.absent() ? 2 : v.is_text() ? 1 : 0; };
  if (rank(a) != rank(b)) return rank(a) <=> rank(b);
  if (a.absent()) return std::weak_ordering::equivalent;
  if (a.is_text()) return a.text() <=> b.text();
  if (a.kind() != Kind::real && b.kind() != Kind::real) {
    const auto is_negative = [](const Value& v) { return v.kind() == Kind::signed_number && v.signed_number() < 0; };
    const auto bits = [](const Value& v) {
      return v.kind() == Kind::signed_number ? static_cast<std::uint64_t>(v.signed_number()) : v.number();
    };
    if (is_negative(a) != is_negative(b)) return is_negative(b) <=> is_negative(a);
    return bits(a) <=> bits(b);  // two's complement: also correct for two negative numbers
  }
  return a.as_real() < b.as_real()   ? std::weak_ordering::less
         : a.as_real() > b.as_real() ? std::weak_ordering::greater
                                     : std::weak_ordering::equivalent;
}

char* format_number(char* at, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::unsigned_number: return format_decimal(at, value.number());
    case Value::Kind::signed_number: return format_signed(at, value.signed_number());
    case Value::Kind::real: {
      char* const end = std::to_chars(at, at + kNumberTextMax, value.real()).ptr;
      // Neither a point nor an exponent, and neither "nan" nor "inf".
      const bool as_whole = std::find_if(at, end, [](char c) { return c == '.' || c == 'e' || c == 'n'; }) == end;
      return as_whole ? std::ranges::copy(std::string_view(".0"), end).out : end;
    }
    case Value::Kind::boolean: {
      const std::string_view word = value.number() != 0 ? "true" : "false";
      return std::ranges::copy(word, at).out;
    }
    default: return at;
  }
}

namespace {

constexpr std::uint64_t kThousand = 1000;

char* put(char* at, std::string_view text) { return std::ranges::copy(text, at).out; }

/// "1.2" or "123" of number / divisor, rounded down so that no number is shown above its value.
char* format_quotient(char* at, std::uint64_t number, std::uint64_t divisor) {
  constexpr std::uint64_t kWithTenth = 100;
  const std::uint64_t whole = number / divisor, tenth = number % divisor * 10 / divisor;
  at = format_decimal(at, whole);
  if (whole >= kWithTenth || tenth == 0) return at;
  *at++ = '.';
  return format_decimal(at, tenth);
}

struct Step {
  std::uint64_t from;     ///< the least number for this step
  std::uint64_t divisor;
  std::string_view suffix;
};
constexpr std::uint64_t kMicrosecondsPerSecond = 1'000'000, kMinute = 60 * kMicrosecondsPerSecond;
constexpr Step kTimeSteps[] = {{120 * kMinute, 60 * kMinute, "h"},
                               {2 * kMinute, kMinute, "min"},
                               {kMicrosecondsPerSecond, kMicrosecondsPerSecond, "s"},
                               {kThousand, kThousand, "ms"},
                               {0, 1, "us"}};
constexpr Step kAmountSteps[] = {{1'000'000'000'000, 1'000'000'000'000, "T"},
                                 {1'000'000'000, 1'000'000'000, "G"},
                                 {1'000'000, 1'000'000, "M"},
                                 {10'000, kThousand, "k"},
                                 {0, 1, ""}};

template <std::size_t N>
char* format_step(char* at, std::uint64_t number, const Step (&steps)[N]) {
  const Step* step = steps;
  while (number < step->from) ++step;
  return put(format_quotient(at, number, step->divisor), step->suffix);
}

/// A whole number that is not negative; false for other values.
bool as_whole(const Value& value, std::uint64_t& number) {
  constexpr double kLargest = 1e18;
  switch (value.kind()) {
    case Value::Kind::unsigned_number: return number = value.number(), true;
    case Value::Kind::signed_number:
      return number = static_cast<std::uint64_t>(value.signed_number()), value.signed_number() >= 0;
    case Value::Kind::real:
      if (!(value.real() >= 0 && value.real() < kLargest)) return false;  // false for NaN, too
      return number = static_cast<std::uint64_t>(value.real()), true;
    default: return false;
  }
}

}  // namespace

char* format_number(char* at, const Value& value, Unit from, Unit to) {
  if (from == to || !is_time(from) || !is_time(to) || !value.is_number()) return format_number(at, value);
  if (value.kind() == Value::Kind::real) {
    const double factor = to == Unit::milliseconds ? 1e-3 : 1e3;
    return format_number(at, Value::real_of(value.real() * factor));
  }
  std::uint64_t number = 0;
  if (to == Unit::microseconds)
    return format_number(at, as_whole(value, number) ? Value::product_of(number, kThousand)
                                                     : Value::real_of(value.as_real() * kThousand));
  if (!as_whole(value, number)) return format_number(at, Value::real_of(value.as_real() / kThousand));
  at = format_decimal(at, number / kThousand);
  std::uint64_t rest = number % kThousand;
  if (rest == 0) return at;
  *at++ = '.';
  for (std::uint64_t digit = kThousand / 10; rest != 0; digit /= 10) {
    *at++ = static_cast<char>('0' + rest / digit);
    rest %= digit;
  }
  return at;
}

char* format_for_people(char* at, const Value& value, Unit unit) {
  std::uint64_t number = 0;
  const bool scaled = is_time(unit) || unit == Unit::bytes || unit == Unit::bits_per_second;
  if (!scaled || !as_whole(value, number)) return format_number(at, value);
  if (unit == Unit::milliseconds && __builtin_mul_overflow(number, kThousand, &number)) return format_number(at, value);
  if (is_time(unit)) return format_step(at, number, kTimeSteps);
  at = format_step(at, number, kAmountSteps);
  return unit == Unit::bits_per_second ? put(at, "bps") : at;
}

}  // namespace duostat
