// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/option_table.h"

namespace duostat {
namespace {

/// "-A, --query, --socket=LIST"
std::string left_part(const OptionText& option) {
  std::string text = option.letter != 0 ? std::string{'-', option.letter} : std::string("  ");
  std::string_view names = option.names;
  bool first = option.letter == 0;
  while (!names.empty()) {
    const auto comma = names.find(',');
    text.append(first ? "  --" : ", --").append(names.substr(0, comma));
    first = false;
    names = comma == std::string_view::npos ? std::string_view{} : names.substr(comma + 1);
  }
  if (!option.arg.empty()) text.append(option.names.empty() ? " " : "=").append(option.arg);
  return text;
}

}  // namespace

std::string option_lines(std::span<const OptionText> options) {
  constexpr std::size_t kHelpColumn = 30;
  std::string text;
  for (const OptionText& option : options) {
    if (!option.group.empty()) text.append(text.empty() ? "" : "\n").append(option.group).append(":\n");
    std::string line = "  " + left_part(option);
    if (line.size() + 2 > kHelpColumn) {
      text.append(line).append("\n");
      line.clear();
    }
    line.resize(kHelpColumn, ' ');
    text.append(line).append(option.help).append("\n");
  }
  return text;
}

}  // namespace duostat
