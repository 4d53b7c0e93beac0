// Lines of a text in memory.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

namespace duostat {

/// Takes the next line from `text`, without its newline. The last line needs none. False if `text` is empty.
inline bool next_line(std::string_view& text, std::string_view& line) {
  if (text.empty()) return false;
  const auto end = text.find('\n');
  line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return true;
}

}  // namespace duostat
