// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/recorded.h"

#include <fmt/format.h>

#include <utility>

#include "src/base/error.h"
#include "src/base/options.h"
#include "src/collect/recording.h"

namespace duostat {
namespace {

constexpr int kUnreadable = 2;

}  // namespace

std::optional<std::string> from_option(const FrontEnd& front_end, const Environment& env, std::span<const std::string> args) {
  if (front_end.option_rows == nullptr) return std::nullopt;
  const std::vector<OptionRow> rows = front_end.option_rows();
  ParsedOptions parsed = parse_options(rows, args, {.stop_at_operand = env.variables.has("POSIXLY_CORRECT")});
  std::optional<std::string> file;
  for (OptionEvent& event : parsed.events)
    if (rows[event.row].names == "from") file = std::move(event.value);
  return file;
}

int with_recorded_host(Environment& env, const std::string& file, FunctionRef<int(Environment&)> run) {
  std::shared_ptr<const Recording> recording;
  try {
    recording = Recording::read(file);
  } catch (const SystemError& e) {
    env.err.line(fmt::format("{}: --from: {}", env.program, e.what()));
    return kUnreadable;
  } catch (const FormatError& e) {
    env.err.line(fmt::format("{}: --from: {}", env.program, e.what()));
    return kUnreadable;
  }
  if (recording->tcp_dump)
    env.err.line(fmt::format("{}: --from: {} has TCP sockets, and nothing else of its host", env.program, file));
  // What names files to read means this host's.
  const Variables variables = env.variables.without("TCPDIAG_FILE");
  const ProcDir proc(recording->proc, recording->proc_given);
  MapResolver names = recording->names;
  Environment shown{env.program, variables, proc,    transport_of(recording), env.clock,          names,
                    env.out,     env.err,   env.terminal, env.command,        &recording->origin, recording};
  return run(shown);
}

}  // namespace duostat
