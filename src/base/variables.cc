// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/variables.h"

#include <algorithm>

namespace duostat {

Variables Variables::from(char** environ_strings, std::span<const std::string_view> known) {
  std::map<std::string, std::string, std::less<>> values;
  for (char** at = environ_strings; at != nullptr && *at != nullptr; ++at) {
    const std::string_view entry(*at);
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, equals);
    // As in getenv: if a name occurs twice, the first entry counts.
    if (std::ranges::find(known, name) != known.end()) values.emplace(name, entry.substr(equals + 1));
  }
  return Variables(std::move(values));
}

}  // namespace duostat
