// The netstat front end: net-tools 2.10 as Debian ships it, in the C locale.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/format.h>

#include "compat/frontend.h"
#include "compat/netstat/interfaces.h"
#include "compat/netstat/listing.h"
#include "compat/netstat/options.h"
#include "compat/netstat/routes.h"
#include "compat/netstat/statistics.h"
#include "src/base/function_ref.h"
#include "src/collect/collect.h"
#include "src/collect/interfaces.h"

namespace duostat::netstat {
namespace {

constexpr int kUsageStatus = 3, kFailureStatus = 1;
constexpr std::int64_t kInterval = 1'000'000'000;  ///< nanoseconds between the passes of -c

int usage_error(Environment& env) {
  env.err.raw(usage_text());
  return kUsageStatus;
}

/// Ends the command line where an option said so.
int finish(Environment& env, Ending ending) {
  switch (ending) {
    case Ending::version: env.out.append("net-tools 2.10 (duostat " DUOSTAT_VERSION ")\n"); return 0;
    case Ending::help: env.out.append(usage_text()); return 0;
    case Ending::failure: return kFailureStatus;
    default: return usage_error(env);
  }
}

int list_masquerade(Environment& env) {
  // The file went with Linux 2.4 (quirk: masquerade-table).
  env.err.line("netstat: no support for `ip_masquerade' on this system.");
  return kFailureStatus;
}

/// Passes until one fails, or just one. What was printed is handed on after each, so that a signal cuts nothing.
/// `pass` is told whether it is the first.
int repeat(Environment& env, const Request& request, FunctionRef<int(bool first)> pass) {
  for (bool first = true;; first = false) {
    const int status = pass(first);
    if (status != 0 || !request.continuous || env.out.flush() != 0) return status;
    env.clock.sleep_ns(kInterval);
  }
}

int run_interfaces(Environment& env, const Request& request) {
  const auto requests = open_device_requests();
  return repeat(env, request, [&](bool first) { return list_interfaces(env, request, *requests, first); });
}

/// The mode that was asked for, in the order in which the original looks for them.
int run_mode(Environment& env, const Request& request) {
  if (request.masquerade) return list_masquerade(env);
  if (request.statistics) return list_statistics(env, request);
  if (request.route) return repeat(env, request, [&](bool) { return list_routes(env, request); });
  if (request.interfaces) return run_interfaces(env, request);
  const Via via = choose_via(request.via, env.variables);
  const Listing listing = listing_of(request);
  return repeat(env, request, [&](bool) { return list_sockets(env, request, listing, via); });
}

}  // namespace

int run(Environment& env, std::span<const std::string> args) {
  const OptionRules rules{.stop_at_operand = env.variables.has("POSIXLY_CORRECT")};
  const ParsedOptions parsed = parse_options(rows_of(options()), args, rules);
  const Request request = fold(parsed.events, env.proc);
  for (const std::string& note : request.notes) env.err.line(note);
  if (request.ending != Ending::none) return finish(env, request.ending);
  if (!parsed.error.empty()) {
    env.err.line(fmt::format("{}: {}", env.program, parsed.error));
    return usage_error(env);
  }
  if (request.modes > 1) return usage_error(env);

  return run_mode(env, request);
}

}  // namespace duostat::netstat
