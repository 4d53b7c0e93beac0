// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/screen.h"

#include <charconv>
#include <string_view>

namespace duostat::ss {

int screen_width(const Environment& env) {
  const Terminal& terminal = env.terminal;
  const int columns = terminal.ask_columns != nullptr ? terminal.ask_columns() : terminal.columns;
  if (terminal.is_tty && columns > 0) return columns;
  std::string_view text = env.variables.get("COLUMNS").value_or("");
  while (!text.empty() && (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')))
    text.remove_prefix(1);
  if (text.starts_with('+')) text.remove_prefix(1);
  int width = 0;
  std::from_chars(text.data(), text.data() + text.size(), width);
  return width > 0 ? width : 0;
}

}  // namespace duostat::ss
