// Numbers of things as users type them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace duostat {

/// The value of an option: decimal digits, from 1 to `most`. Throws UsageError with kUsageStatus.
std::uint64_t count_of(std::string_view option, std::string_view text,
                       std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

}  // namespace duostat
