// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/duration.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "src/base/decimal.h"
#include "src/base/error.h"

namespace duostat {
namespace {

struct UnitRow {
  std::string_view word;
  DecimalScale nanoseconds;
};
constexpr UnitRow kUnits[] = {
    {"", {1, 9}}, {"ms", {1, 6}}, {"s", {1, 9}}, {"m", {60, 9}}, {"h", {3600, 9}},
};

}  // namespace

std::optional<std::int64_t> parse_duration(std::string_view text) {
  const std::size_t length = decimal_length(text);
  const auto* unit = std::ranges::find(kUnits, text.substr(length), &UnitRow::word);
  if (length == 0 || unit == std::end(kUnits)) return std::nullopt;
  constexpr std::uint64_t kLongest = 366ULL * 86400 * 1'000'000'000;
  const auto number = parse_decimal(text.substr(0, length), unit->nanoseconds);
  if (!number || number->negative || number->beyond || number->whole > kLongest) return std::nullopt;
  return static_cast<std::int64_t>(number->whole);
}

std::int64_t duration_of(std::string_view option, std::string_view text) {
  if (const auto ns = parse_duration(text)) return *ns;
  throw UsageError(fmt::format("{}: \"{}\" is not a time; write a number of seconds, or one with a unit of {}", option,
                               text, kDurationUnits),
                   kUsageStatus);
}

}  // namespace duostat
