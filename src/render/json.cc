// JSON text from bytes that may not be UTF-8.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/json.h"

#include <fmt/core.h>

#include <string>

#include "src/base/escape.h"
#include "src/base/hex.h"

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

/// The code point of a well-formed sequence of up to three bytes.
unsigned code_point(std::string_view sequence) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]); };
  if (sequence.size() == 1) return byte(0);
  if (sequence.size() == 2) return (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  return (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
}

/// True for characters that a terminal may interpret, that change the text direction, or that end a line.
bool is_escaped(std::string_view sequence) {
  return is_control(sequence) || is_misleading(sequence);
}

/// Quotes `text`, which is UTF-8, for JSON.
std::string quoted(std::string_view text) {
  constexpr std::string_view kLetters = "\bb\ff\nn\rr\tt";
  std::string result = "\"";
  while (!text.empty()) {
    const std::string_view sequence = first_sequence(text);
    text.remove_prefix(sequence.size());
    if (sequence == "\"" || sequence == "\\") {
      result.append("\\").append(sequence);
    } else if (const auto letter = kLetters.find(sequence); is_escaped(sequence) && letter != kLetters.npos) {
      result.append("\\").append(1, kLetters[letter + 1]);
    } else if (is_escaped(sequence)) {
      result += fmt::format("\\u{:04X}", code_point(sequence));
    } else {
      result += sequence;
    }
  }
  return result += '"';
}

}  // namespace

void Json::escaped_text(std::string_view name, std::string_view bytes) {
  key(name);
  element_text(bytes);
  if (is_utf8(bytes)) return;
  std::string hex;
  append_hex(hex, bytes);
  key(std::string(name) + "_hex");
  value(hex);
}

void Json::element_text(std::string_view bytes) {
  const std::string replaced = is_utf8(bytes) ? std::string() : with_replacements(bytes);
  const std::string_view text = replaced.empty() ? bytes : replaced;
  writer_.ready(rapidjson::kStringType, quoted(text));
}

}  // namespace duostat
