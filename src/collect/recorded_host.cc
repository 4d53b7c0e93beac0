// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/recorded_host.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/collect/capture_directory.h"
#include "src/collect/derived_environment.h"
#include "src/collect/recorded_hosts.h"
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

void require_no_host(const Environment& env) {
  if (env.dry_run != nullptr)
    throw UsageError("--from: a recorded host is answered from its capture; explain takes no --from", kUsageStatus);
  if (env.recorded != nullptr || env.hosts != nullptr)
    throw UsageError("--from is given before the command and after it", kUsageStatus);
}

}  // namespace

RecordedEnvironment::RecordedEnvironment(Environment& outer, std::shared_ptr<const Recording> recording,
                                         Diagnostics* err)
    : variables_(outer.variables.without("TCPDIAG_FILE")),  // it names a file of this host
      proc_(recording->proc, recording->proc_given),
      names_(recording->names),
      shown_{outer.program,
             variables_,
             proc_,
             transport_of(recording),
             outer.clock,
             names_,
             outer.out,
             err != nullptr ? *err : outer.err,
             outer.terminal,
             outer.command,
             &recording->origin,
             outer.dry_run,
             recording,
             outer.secure} {
  if (recording->tcp_dump) borrow_service_names(*recording, outer.names, names_);
}

int with_recorded_host(Environment& env, const std::string& file, FunctionRef<int(Environment&)> run, int unreadable,
                       std::string_view named_by) {
  require_no_host(env);
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
  RecordedEnvironment shown(env, std::move(recording));
  return run(shown.get());
}

int with_recorded_hosts(Environment& env, const std::vector<std::string>& from, FunctionRef<int(Environment&)> run,
                        int unreadable) {
  require_no_host(env);
  if (std::ranges::find(from, "") != from.end()) {
    env.err.line(fmt::format("{}: --from: the name of the file is empty", env.program));
    return kUsageStatus;
  }
  Captures captures;
  RecordedHosts hosts;
  try {
    const CallersRights rights(env.secure);
    captures = captures_of(from);
    if (captures.several) hosts = recorded_hosts(captures.files);
  } catch (const SystemError& e) {
    env.err.line(fmt::format("{}: --from: {}", env.program, e.what()));
    return unreadable;
  } catch (const FormatError& e) {
    env.err.line(fmt::format("{}: --from: {}", env.program, e.what()));
    return unreadable;
  }
  if (!captures.several) return with_recorded_host(env, captures.files.front(), run, unreadable);
  if (hosts.list.empty()) {
    for (const RecordedHosts::Problem& p : hosts.problems)
      env.err.line(fmt::format("{}: --from: {}: {}", env.program, p.file, p.error));
    return unreadable;
  }
  Environment several = derived(env, {});
  several.hosts = &hosts;
  return run(several);
}

void require_one_host(const Environment& env, std::string_view what, std::string_view instead) {
  if (env.hosts == nullptr) return;
  const std::size_t named = env.hosts->list.size() + env.hosts->problems.size();
  throw UsageError(fmt::format("{} is about one host, and --from names {}{}", what, named, instead), kUsageStatus);
}

}  // namespace duostat
