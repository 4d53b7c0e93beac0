// Words as a POSIX shell reads them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace duostat::native {

/// `word` in single quotes (POSIX.1-2017, Shell Command Language, 2.2.2).
inline std::string shell_quoted(std::string_view word) {
  std::string out = "'";
  for (const char c : word) c == '\'' ? out.append("'\\''") : out.append(1, c);
  return out + "'";
}

}  // namespace duostat::native
