// The netstat front end: net-tools 2.10 as Debian ships it, in the C locale.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include "compat/frontend.h"
#include "compat/netstat/delta.h"
#include "compat/netstat/interfaces.h"
#include "compat/netstat/listing.h"
#include "compat/netstat/masquerade.h"
#include "compat/netstat/mode_view.h"
#include "compat/netstat/options.h"
#include "compat/netstat/routes.h"
#include "compat/netstat/statistics.h"
#include "src/base/error.h"
#include "src/collect/collect.h"

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

/// One pass of what was asked for. Returns the exit status; 0 lets -c go on.
int pass(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan, Via via, bool first,
         bool& incomplete) {
  if (plan.replaces() && view_kind(request) != ViewKind::sockets) return print_mode_view(env, request, plan, via);
  if (request.masquerade) return print_masquerade(env, request, plan);
  if (request.statistics) return print_statistics(env, request, plan);
  if (request.route) return print_routes(env, request, plan, via);
  if (request.interfaces) return print_interfaces(env, request, plan, via, first);
  return list_sockets(env, request, listing, plan, via, incomplete);
}

/// Passes until one fails, or just one. What was printed is handed on after each, so that a signal cuts nothing.
int repeat(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan, Via via) {
  const bool continuous = request.continuous && !request.statistics;
  bool incomplete = false;
  for (bool first = true;; first = false) {
    const int status = pass(env, request, listing, plan, via, first, incomplete);
    if (status != 0) return status;
    if (!continuous || env.out.flush() != 0) return incomplete ? kFailureStatus : 0;
    env.clock.sleep_ns(kInterval);
  }
}

}  // namespace

std::vector<OptionRow> option_rows() { return rows_of(options()); }

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

  const Via via = choose_via(request.via, env.variables);
  if (request.delta_ns && !request.statistics) throw UsageError("--delta goes with -s", 2);
  const ViewKind kind = view_kind(request);
  require_accepted(kind, request.view);
  const ViewPlan plan(request.view, columns_of(kind));
  if (plan.help) return env.out.append(columns_help(columns_of(kind))), 0;
  if (request.delta_ns) return print_delta(env, request, plan, via);
  Listing listing = listing_of(request);
  // A family brings its sockets along (-g -6); options of ours are about the groups then, as in JSON.
  if (kind == ViewKind::groups && !plan.idle()) listing.protocols = {};
  return repeat(env, request, listing, plan, via);
}

}  // namespace duostat::netstat
