// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/error.h"

#include <cstring>

namespace duostat {
namespace {

std::string join(std::string_view operation, std::string_view object, int code) {
  std::string text(operation);
  if (!object.empty()) text.append(text.empty() ? "" : " ").append(object);
  return text.append(": ").append(error_text(code));
}

std::string place(std::string_view source, unsigned long line, std::string_view item) {
  std::string text(source);
  if (line != 0) text.append(":").append(std::to_string(line));
  return text.append(": ").append(item);
}

}  // namespace

SystemError::SystemError(std::string_view operation, std::string_view object, int code)
    : std::runtime_error(join(operation, object, code)), code_(code) {}

FormatError::FormatError(std::string_view source, unsigned long line, std::string_view item)
    : std::runtime_error(place(source, line, item)) {}

std::string error_text(int code) {
  char buffer[256];
  // The GNU version returns the text and may ignore the buffer; the POSIX version (musl) returns 0 and fills it.
  if constexpr (std::is_same_v<decltype(strerror_r(code, buffer, sizeof buffer)), char*>) {
    return reinterpret_cast<const char*>(strerror_r(code, buffer, sizeof buffer));
  } else {
    if (strerror_r(code, buffer, sizeof buffer)) {}
    return buffer;
  }
}

}  // namespace duostat
