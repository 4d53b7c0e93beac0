// One line of a table of routes, interfaces, groups or counters: cells appended to a text. Widths are bytes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "src/base/escape.h"
#include "src/base/output.h"
#include "src/render/address.h"

namespace duostat::netstat {

class Row {
 public:
  Row& text(std::string_view t) { return text_.append(t), *this; }
  /// Text at the left of a column; longer text pushes what follows.
  Row& left(std::string_view t, std::size_t width) { return pad(text_.append(t), t.size(), width); }
  Row& right(std::string_view t, std::size_t width) {
    pad(text_, t.size(), width);
    return text(t);
  }
  template <std::integral Number>
  Row& left(Number value, std::size_t width) {
    char digits[24];
    return left(decimal(digits, value), width);
  }
  template <std::integral Number>
  Row& right(Number value, std::size_t width) {
    char digits[24];
    return right(decimal(digits, value), width);
  }
  /// Text from another process or the kernel's names: control characters become dots, at most `max` bytes stay.
  Row& foreign(std::string_view t, std::size_t width, std::size_t max = std::string_view::npos) {
    std::string scratch;
    return left(without_controls(t, scratch).substr(0, max), width);
  }
  /// The line, and an empty row to go on with.
  void end(Output& out) {
    text_.push_back('\n');
    out.append(text_);
    text_.clear();
  }

 private:
  template <std::integral Number>
  static std::string_view decimal(char (&digits)[24], Number value) {
    const char* end = std::signed_integral<Number> ? format_signed(digits, static_cast<std::int64_t>(value))
                                                   : format_decimal(digits, static_cast<std::uint64_t>(value));
    return {digits, static_cast<std::size_t>(end - digits)};
  }
  Row& pad(std::string& text, std::size_t length, std::size_t width) {
    if (length < width) text.append(width - length, ' ');
    return *this;
  }

  std::string text_;
};

}  // namespace duostat::netstat
