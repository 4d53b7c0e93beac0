// duostat completion: a shell's completion script, made from the rows of options, states, columns and commands.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "compat/native/commands.h"
#include "compat/native/completion_words.h"
#include "src/base/error.h"
#include "src/base/nearest.h"
#include "src/command/scaffold.h"

namespace duostat::native {
namespace {

struct Request {};
std::span<const Option<Request>> options() { return {}; }

std::string no_such_shell(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Shell& shell : kShells) names.push_back(shell.name);
  return fmt::format("\"{}\" is not a shell that can be completed (bash, zsh, fish){}", word,
                     did_you_mean(word, names));
}

int run(Environment& env, const Request&, std::span<const std::string> operands) {
  const auto* const shell = std::ranges::find(kShells, std::string_view(operands[0]), &Shell::name);
  if (shell == std::end(kShells)) throw UsageError(no_such_shell(operands[0]), kUsageStatus);
  // Without the links, ss and netstat are other programs.
  constexpr bool kLinks = DUOSTAT_LEGACY_LINKS != 0;
  const CalledAs names{DUOSTAT_INSTALLED_AS, kLinks ? DUOSTAT_SS_INSTALLED_AS : "",
                       kLinks ? DUOSTAT_NETSTAT_INSTALLED_AS : ""};
  env.out.append(shell->script(completed_programs(env), names));
  return 0;
}

}  // namespace

constinit const command::Command kCompletion = command::command_of<options, run>({
    .title = "duostat completion",
    .summary = "print the completion script for a shell: bash, zsh or fish",
    .description = "Prints the script that completes options, states, columns and commands in this shell, as in:\n"
                   "duostat completion bash >~/.local/share/bash-completion/completions/duostat",
    .operands = {.usage = "bash|zsh|fish", .least = 1, .most = 1},
});

}  // namespace duostat::native
