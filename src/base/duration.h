// Lengths of time as users type them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace duostat {

/// Parses a number of seconds, or a number with a unit: "30", "0.5", "500ms", "30s", "2m", "1h". Returns nanoseconds;
/// nullopt if it is anything else, negative, or longer than 366 days.
std::optional<std::int64_t> parse_duration(std::string_view text);

/// The same for the value of an option. Throws UsageError with kUsageStatus.
std::int64_t duration_of(std::string_view option, std::string_view text);

/// The units that parse_duration() takes, for messages.
inline constexpr std::string_view kDurationUnits = "ms, s, m, h";

}  // namespace duostat
