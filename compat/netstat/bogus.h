// netstat's messages about lines that it cannot parse.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/warn.h"

namespace duostat::netstat {

/// As many bad lines of a table are reported one by one, as the original does; more get one line with their number.
inline constexpr std::uint64_t kBogusLinesMax = 100;

/// "warning, got bogus tcp line." for each, or "warning, got 4711 bogus tcp lines."
void warn_of_bogus(Diagnostics& err, std::uint64_t lines, std::string_view what);

}  // namespace duostat::netstat
