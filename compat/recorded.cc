// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/recorded.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/base/options.h"
#include "src/collect/recording.h"
#include "src/diag/abi.h"

namespace duostat {
namespace {

constexpr int kUnreadable = 2;

/// A dump has no names. Those of ports are much the same everywhere, unlike those of users and interfaces.
void borrow_service_names(const Recording& dump, Resolver& system, MapResolver& names) {
  for (const RecordedExchange& exchange : dump.exchanges) {
    for (const RecordedReply& reply : exchange.replies) {
      uapi::InetMessage message;
      if (!read_at(reply.datagram, sizeof(uapi::MessageHeader), message)) continue;
      for (const std::uint16_t port : {ntohs(message.id.source_port_be), ntohs(message.id.destination_port_be)}) {
        const MapResolver::Port key(port, ServiceProtocol::tcp);
        names.services[key] = system.service(port, ServiceProtocol::tcp);
        names.services_last[key] = system.service_last(port, ServiceProtocol::tcp);
      }
    }
  }
}

}  // namespace

std::optional<std::string> from_option(const FrontEnd& front_end, const Environment& env, std::span<const std::string> args) {
  if (front_end.option_rows == nullptr) return std::nullopt;
  // Nobody else pays for the second look at the words: options of our own have no abbreviations.
  if (std::ranges::none_of(args, [](std::string_view word) { return word.starts_with("--from"); })) return std::nullopt;
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
    const CallersRights rights(env.secure);
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
  if (recording->tcp_dump) borrow_service_names(*recording, env.names, names);
  Environment shown{
      env.program, variables,    proc,        transport_of(recording), env.clock,   names,     env.out,
      env.err,     env.terminal, env.command, &recording->origin,      env.dry_run, recording, env.secure};
  return run(shown);
}

}  // namespace duostat
