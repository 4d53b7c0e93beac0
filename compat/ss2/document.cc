// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss2/document.h"

#include "src/base/escape.h"
#include "src/render/address.h"

namespace duostat::ss2 {
namespace {

constexpr std::size_t kIndent = 4;

void append_escape(std::string& text, unsigned unit) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  text += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4) text += kDigits[unit >> shift & 15];
}

/// The code point of a well-formed sequence.
unsigned code_point(std::string_view sequence) {
  constexpr unsigned kFirstBits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
  unsigned point = static_cast<unsigned char>(sequence[0]) & kFirstBits[sequence.size()];
  for (const char c : sequence.substr(1)) point = point << 6 | (static_cast<unsigned char>(c) & 0x3f);
  return point;
}

void append_point(std::string& text, unsigned point) {
  if (point < 0x10000) return append_escape(text, point);
  append_escape(text, 0xd800 + ((point - 0x10000) >> 10));
  append_escape(text, 0xdc00 + (point & 0x3ff));
}

void append_ascii(std::string& text, char c) {
  constexpr std::string_view kPlain = "\"\\\n\r\t\f\b", kLetters = "\"\\nrtfb";
  if (const auto at = kPlain.find(c); at != std::string_view::npos) {
    text += {'\\', kLetters[at]};
  } else if (c >= ' ' && c <= '~') {
    text += c;
  } else {
    append_escape(text, static_cast<unsigned char>(c));
  }
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string result = "\"";
  while (!text.empty()) {
    const std::size_t length = detail::utf8_length(text);
    if (length == 1) append_ascii(result, text[0]);
    else if (length == 0) append_escape(result, 0xdc00 + static_cast<unsigned char>(text[0]));
    else append_point(result, code_point(text.substr(0, length)));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result += '"';
}

void Document::separate() {
  if (filled_[depth_]) out_.append(',');
  filled_[depth_] = true;
  out_.append('\n');
  out_.append(depth_ * kIndent, ' ');
}

void Document::open(char bracket) {
  out_.append(bracket);
  filled_[++depth_] = false;
}

void Document::close(char bracket) {
  const bool filled = filled_[depth_--];
  if (filled) {
    out_.append('\n');
    out_.append(depth_ * kIndent, ' ');
  }
  out_.append(bracket);
}

void Document::key(std::string_view name) {
  separate();
  out_.append('"');
  out_.append(name);
  out_.append("\": ");
}

void Document::quoted_key(std::string_view name) {
  separate();
  out_.append(name);
  out_.append(": ");
}

void Document::number(std::uint64_t value) {
  constexpr std::size_t kRoom = 20;
  out_.advance(format_decimal(out_.reserve(kRoom), value));
}

void Document::thousandths(std::uint64_t value) {
  number(value / 1000);
  const auto rest = static_cast<unsigned>(value % 1000);
  char digits[] = {'.', static_cast<char>('0' + rest / 100), static_cast<char>('0' + rest / 10 % 10),
                   static_cast<char>('0' + rest % 10)};
  std::size_t size = sizeof digits;
  while (size > 2 && digits[size - 1] == '0') --size;
  out_.append(std::string_view(digits, size));
}

}  // namespace duostat::ss2
