// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/scaffold.h"

#include <fmt/core.h>

namespace duostat::command {

OptionText help_row(bool grouped) {
  return {.letter = 'h',
          .names = "help",
          .arg = {},
          .help = "print this text",
          .group = grouped ? "Other" : "",
          .extension = false};
}

void check(const Command& command, const ParsedOptions& parsed) {
  const Operands& operands = command.operands;
  std::string mistake = parsed.error;
  if (!parsed.meant.empty()) mistake += fmt::format(" (did you mean {}?)", parsed.meant);
  if (mistake.empty() && parsed.operands.size() < operands.least)
    mistake = fmt::format("{} is missing", operands.usage);
  if (mistake.empty() && parsed.operands.size() > operands.most)
    mistake = fmt::format("unexpected argument \"{}\"", parsed.operands[operands.most]);
  if (!mistake.empty()) throw UsageError(fmt::format("{}; see {} --help", mistake, command.title), kUsageStatus);
}

}  // namespace duostat::command
