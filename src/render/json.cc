// Bytes that may not be UTF-8, as JSON.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/json.h"

#include <string>

#include "src/base/hex.h"
#include "src/render/escape.h"

namespace duostat {
namespace {

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = detail::utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string with_replacements(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::size_t length = detail::utf8_length(text);
    if (length == 0) result += "\xef\xbf\xbd";
    else result.append(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return result;
}

}  // namespace

void Json::escaped_text(std::string_view name, std::string_view bytes) {
  key(name);
  if (is_utf8(bytes)) return value(bytes);
  value(with_replacements(bytes));
  std::string hex;
  append_hex(hex, bytes);
  key(std::string(name) + "_hex");
  value(hex);
}

void Json::element_text(std::string_view bytes) {
  if (is_utf8(bytes)) return value(bytes);
  value(with_replacements(bytes));
}

}  // namespace duostat
