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
      const bool as_whole = std::find_if(at, end, [](char c) { return c == '.' || c == 'e'; }) == end;
      return as_whole ? std::ranges::copy(std::string_view(".0"), end).out : end;
    }
    case Value::Kind::boolean: {
      const std::string_view word = value.number() != 0 ? "true" : "false";
      return std::ranges::copy(word, at).out;
    }
    default: return at;
  }
}

}  // namespace duostat
