// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/count.h"

#include <fmt/core.h>

#include <charconv>
#include <system_error>

#include "src/base/error.h"

namespace duostat {

std::uint64_t count_of(std::string_view option, std::string_view text, std::uint64_t most) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, count);
  if (error == std::errc() && at == end && count != 0 && count <= most) return count;
  const bool limited = most != std::numeric_limits<std::uint64_t>::max();
  throw UsageError(limited ? fmt::format("{}: \"{}\" is not a number from 1 to {}", option, text, most)
                           : fmt::format("{}: \"{}\" is not a number of 1 or more", option, text),
                   kUsageStatus);
}

}  // namespace duostat
