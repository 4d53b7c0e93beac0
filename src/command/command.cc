// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/command.h"

#include <fmt/core.h>

#include "src/command/audit.h"
#include "src/command/capture.h"
#include "src/command/diff.h"
#include "src/command/events.h"
#include "src/command/listen.h"
#include "src/command/metrics.h"
#include "src/command/report.h"
#include "src/command/schema.h"
#include "src/command/states.h"
#include "src/command/wait.h"

namespace duostat::command {
namespace {

constexpr const Command* kCommands[] = {&kStates, &kListen, &kAudit,   &kReport,  &kDiff,
                                        &kWait,   &kEvents, &kMetrics, &kCapture, &kSchema};

}  // namespace

std::span<const Command* const> commands() { return kCommands; }

std::string usage_line(const Command& command) {
  const std::string_view operands = command.operands.usage;
  return fmt::format("Usage: {} [OPTIONS]{}{}", command.title, operands.empty() ? "" : " ", operands);
}

std::string usage_text(const Command& command) {
  return fmt::format("{}\n\n{}\n\n{}", usage_line(command), command.description, option_lines(command.options()));
}

}  // namespace duostat::command
