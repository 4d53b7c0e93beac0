// Parses whole words as numbers, like the C library's strtol family with a 64-bit long.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>

namespace duostat {

/// quirk: number-of-64-bits where a long has 32 bits, the original refuses larger numbers. Base 8, 10 or 16 by prefix,
/// with sign; nullopt if the word is empty, has trailing text or does not fit.
inline std::optional<std::int64_t> signed_number(const std::string& word) {
  char* end = nullptr;
  errno = 0;
  const long long value = std::strtoll(word.c_str(), &end, 0);
  if (word.empty() || end != word.c_str() + word.size() || errno == ERANGE) return std::nullopt;
  return value;
}

/// The same up to `limit`. A sign is read as strtoul reads it: small negative numbers are too large.
inline std::optional<std::uint32_t> unsigned_number(const std::string& word,
                                                    std::uint32_t limit = std::numeric_limits<std::uint32_t>::max()) {
  char* end = nullptr;
  errno = 0;
  const unsigned long long value = std::strtoull(word.c_str(), &end, 0);
  if (word.empty() || end != word.c_str() + word.size() || errno == ERANGE || value > limit) return std::nullopt;
  return static_cast<std::uint32_t>(value);
}

}  // namespace duostat
