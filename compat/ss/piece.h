// One piece of a cell, written in place.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "compat/ss/layout.h"
#include "src/render/address.h"

namespace duostat::ss {

/// Text that becomes one piece of the layout's current cell when it goes out of scope.
class Piece {
 public:
  explicit Piece(Layout& layout) : layout_(layout), at_(layout.reserve(kRoom)) {}
  Piece(Layout& layout, std::string_view first) : Piece(layout) { text(first); }
  Piece(const Piece&) = delete;
  Piece& operator=(const Piece&) = delete;
  /// Throws std::bad_alloc if the layout needs a page and there is none.
  ~Piece() noexcept(false) { layout_.commit(at_); }

  Piece& text(std::string_view t) {
    at_ = layout_.extend(at_, t.size() + kRoom);
    at_ = std::copy(t.begin(), t.end(), at_);
    return *this;
  }
  Piece& text(char c) {
    at_ = layout_.extend(at_, kRoom);
    *at_++ = c;
    return *this;
  }
  Piece& dec(std::uint64_t value) {
    at_ = format_decimal(layout_.extend(at_, kRoom), value);
    return *this;
  }
  Piece& sdec(std::int64_t value) {
    at_ = format_signed(layout_.extend(at_, kRoom), value);
    return *this;
  }
  /// Lower case, without a prefix, at least `digits` digits.
  Piece& hex(std::uint64_t value, int digits = 1) {
    at_ = layout_.extend(at_, kRoom);
    int length = digits;
    while (length < 16 && value >> (4 * length) != 0) ++length;
    for (int i = length - 1; i >= 0; --i) *at_++ = "0123456789abcdef"[value >> (4 * i) & 15];
    return *this;
  }
  /// As C's "%#x": 0x before anything but zero.
  Piece& alt_hex(std::uint64_t value) {
    if (value != 0) text("0x");
    return hex(value);
  }
  /// As C's "%.<precision>g".
  Piece& real(double value, int precision = 6) { return number(value, std::chars_format::general, precision); }
  /// real(value / 1000.0). As long as six digits hold it, without floating point: that was a third of `ss -ti`.
  Piece& thousandths(std::uint32_t value) {
    if (value >= 1000000) return real(value / 1000.0);
    dec(value / 1000);
    const std::uint32_t rest = value % 1000;
    if (rest == 0) return *this;
    at_ = layout_.extend(at_, kRoom);
    *at_++ = '.';
    *at_++ = static_cast<char>('0' + rest / 100);
    if (rest % 100 != 0) *at_++ = static_cast<char>('0' + rest / 10 % 10);
    if (rest % 10 != 0) *at_++ = static_cast<char>('0' + rest % 10);
    return *this;
  }
  /// As C's "%.<precision>f".
  Piece& fixed(double value, int precision) { return number(value, std::chars_format::fixed, precision); }
  /// fixed(value, 0): to the nearest, halves to the even one. Rates are integers often enough to save the general way.
  Piece& rounded(double value) {
    constexpr double kExact = 9007199254740992;  // 2^53: below, a double holds the fraction of its integer part exactly
    if (!(value >= 0 && value < kExact)) return fixed(value, 0);
    auto whole = static_cast<std::uint64_t>(value);
    const double rest = value - static_cast<double>(whole);
    if (rest > 0.5 || (rest == 0.5 && whole % 2 != 0)) ++whole;
    return dec(whole);
  }
  Piece& address(Family family, const Address& a) {
    at_ = format_address(layout_.extend(at_, kRoom), family, a);
    return *this;
  }

  std::size_t size() const { return static_cast<std::size_t>(at_ - layout_.piece_start()); }
  /// What was written from the byte at `offset` on.
  std::string_view since(std::size_t offset) const { return {layout_.piece_start() + offset, size() - offset}; }
  Piece& insert(std::size_t offset, char c) {
    const std::size_t moved = size() - offset;
    text(c);
    std::memmove(at_ - moved, at_ - moved - 1, moved);
    at_[-static_cast<std::ptrdiff_t>(moved) - 1] = c;
    return *this;
  }

 private:
  static constexpr std::size_t kRoom = 64;
  static constexpr std::size_t kNumberRoom = 400;  ///< a double in fixed notation

  Piece& number(double value, std::chars_format format, int precision) {
    at_ = layout_.extend(at_, kNumberRoom);
    at_ = std::to_chars(at_, at_ + kNumberRoom, value, format, precision).ptr;
    return *this;
  }

  Layout& layout_;
  char* at_;
};

}  // namespace duostat::ss
