// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/recorded_host.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/collect/recording.h"
#include "src/diag/abi.h"

namespace duostat {
namespace {

/// A dump contains no names. Service names are much the same on every host; user and interface names are not, and stay
/// unknown.
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

int with_recorded_host(Environment& env, const std::string& file, FunctionRef<int(Environment&)> run, int unreadable,
                       std::string_view named_by) {
  if (env.dry_run != nullptr)
    throw UsageError("--from: a recorded host is answered from its capture; explain takes no --from", kUsageStatus);
  std::shared_ptr<const Recording> recording;
  try {
    const CallersRights rights(env.secure);
    recording = Recording::read(file);
  } catch (const SystemError& e) {
    env.err.line(fmt::format("{}: {}: {}", env.program, named_by, e.what()));
    return unreadable;
  } catch (const FormatError& e) {
    env.err.line(fmt::format("{}: {}: {}", env.program, named_by, e.what()));
    return unreadable;
  }
  if (recording->tcp_dump)
    env.err.line(fmt::format("{}: {}: {} is a dump: it has only TCP sockets, and nothing else of its host", env.program,
                             named_by, file));
  // TCPDIAG_FILE names a file of this host.
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
