// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/bogus.h"

#include <fmt/core.h>

namespace duostat::netstat {

void warn_of_bogus(Diagnostics& err, std::uint64_t lines, std::string_view what) {
  // quirk: bogus-lines-counted
  if (lines > kBogusLinesMax) return err.line(fmt::format("warning, got {} bogus {} lines.", lines, what));
  for (std::uint64_t i = 0; i < lines; ++i) err.line(fmt::format("warning, got bogus {} line.", what));
}

}  // namespace duostat::netstat
