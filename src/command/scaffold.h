// What every command of ours does alike: folds its options, checks its operands, prints its usage text, and turns
// errors into one line with the command's title and into an exit status.
//
//   namespace example {
//   struct Request { bool quiet = false; };
//   constexpr Option<Request> kOptions[] = {
//       {'q', "quiet", "", "print nothing", [](Request& r, auto) { r.quiet = true; }}};
//   std::span<const Option<Request>> options() { return kOptions; }
//   int run(Environment& env, const Request& request, std::span<const std::string> operands);
//   }  // namespace example
//   constinit const Command kExample = command_of<example::options, example::run>({.title = "duostat example", …});
//
// Every command has these names, so each has them in a namespace of its own.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/collect/recorded_host.h"
#include "src/command/command.h"
#include "src/command/guard.h"

namespace duostat::command {

/// The --help row of every command. `grouped`: the command's options have several headings.
OptionText help_row(bool grouped);

/// Throws UsageError for the mistake that the tokenizer found, and for too many or too few operands.
void check(const Command& command, const ParsedOptions& parsed);

template <class Request>
std::vector<OptionText> with_help(std::span<const Option<Request>> table) {
  std::vector<OptionText> texts = texts_of(table);
  std::size_t headings = 0;
  for (const OptionText& text : texts) headings += text.group.empty() ? 0 : 1;
  texts.push_back(help_row(headings > 1));
  return texts;
}

/// Folds the options into `request`, in the order of the command line. nullopt: the usage text was printed.
template <class Request>
std::optional<std::vector<std::string>> fold(const Command& command, Environment& env,
                                             std::span<const Option<Request>> table, std::span<const std::string> args,
                                             Request& request) {
  ParsedOptions parsed =
      parse_options(rows_of(command.options()), args, {.stop_at_operand = command.operands.end_options});
  bool help = false;
  for (const OptionEvent& event : parsed.events) {
    if (event.row == table.size()) help = true;
    else table[event.row].apply(request, event.value);
  }
  if (help) return env.out.append(usage_text(command)), std::nullopt;
  check(command, parsed);
  return std::move(parsed.operands);
}

/// Calls `run` with the shown host: that of the command's own --from, if it has this option and it was given.
template <class Request, class Run>
int over_shown_host(const Command& command, Environment& env, const Request& request, Run&& run) {
  if constexpr (requires { request.from; }) {
    if (!request.from.empty()) return with_recorded_hosts(env, request.from, run, command.failure_status);
  }
  return run(env);
}

/// Declared only: names the request type of a table.
template <class Request>
Request request_of(std::span<const Option<Request>>);

/// Completes a row: `Options` returns the command's table, `Run` does its work with the shown host, the folded request
/// and the operands. A Request with a member `from` (from_option()) can show a recorded host.
template <auto Options, auto Run>
constexpr Command command_of(Command row) {
  using Request = decltype(request_of(Options()));
  row.options = [] { return with_help<Request>(Options()); };
  row.run = [](const Command& command, Environment& env, std::span<const std::string> args) {
    return run_guarded({command.title, command.usage_status, command.failure_status, true}, env, [&] {
      Request request;
      const auto operands = fold<Request>(command, env, Options(), args, request);
      if (!operands) return 0;
      return over_shown_host(command, env, request, [&](Environment& shown) {
        if (!command.shows_hosts) require_one_host(shown, command.title);
        return Run(shown, request, *operands);
      });
    });
  };
  return row;
}

}  // namespace duostat::command
