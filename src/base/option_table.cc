// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/option_table.h"

#include <algorithm>
#include <utility>

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
  if (value_is_optional(option.arg)) return text.append(option.arg);
  if (!option.arg.empty()) text.append(option.names.empty() ? " " : "=").append(option.arg);
  return text;
}

}  // namespace

std::string option_lines(std::span<const OptionText> options) {
  constexpr std::size_t kHelpColumn = 30;
  std::vector<std::pair<std::string_view, std::string>> groups;  // in order of first mention
  std::size_t group = 0;
  for (const OptionText& option : options) {
    if (!option.group.empty() || groups.empty()) {
      const auto known = std::ranges::find(groups, option.group, [](const auto& g) { return g.first; });
      group = static_cast<std::size_t>(known - groups.begin());
      if (known == groups.end()) groups.emplace_back(option.group, std::string());
    }
    std::string line = "  " + left_part(option);
    if (line.size() + 2 > kHelpColumn) {
      groups[group].second.append(line).append("\n");
      line.clear();
    }
    line.resize(kHelpColumn, ' ');
    groups[group].second.append(line).append(option.help).append("\n");
  }
  std::string text;
  for (const auto& [heading, lines] : groups) {
    if (!heading.empty()) text.append(text.empty() ? "" : "\n").append(heading).append(":\n");
    text.append(lines);
  }
  return text;
}

}  // namespace duostat
