// The netstat front end: net-tools 2.10 as Debian ships it, in the C locale.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <optional>
#include <utility>

#include "compat/frontend.h"
#include "compat/netstat/delta.h"
#include "compat/netstat/everywhere.h"
#include "compat/netstat/interfaces.h"
#include "compat/netstat/listing.h"
#include "compat/netstat/masquerade.h"
#include "compat/netstat/mode_view.h"
#include "compat/netstat/options.h"
#include "compat/netstat/routes.h"
#include "compat/netstat/statistics.h"
#include "compat/netstat/statuses.h"
#include "src/base/error.h"
#include "src/collect/collect.h"
#include "src/collect/each_place.h"
#include "src/collect/host.h"
#include "src/collect/owners.h"
#include "src/collect/recorded_host.h"
#include "src/view/fail_if.h"
#include "src/view/json_document.h"
#include "src/view/row_keys.h"
#include "src/view/watch.h"

namespace duostat::netstat {
namespace {

constexpr std::int64_t kInterval = 1'000'000'000;  ///< nanoseconds between the passes of -c

int usage_error(Environment& env, std::string_view meant = {}) {
  env.err.raw(usage_hint(meant));
  return kNetstat.usage_status;
}

/// Prints the text of an early end. Returns the exit status.
int finish(Environment& env, Ending ending) {
  switch (ending) {
    case Ending::version: env.out.append("net-tools 2.10 (duostat " DUOSTAT_VERSION ")\n"); return 0;
    case Ending::help: env.out.append(usage_text()); return 0;
    case Ending::failure: return kFailure;
    default: env.err.raw(usage_text()); return kNetstat.usage_status;  // -?
  }
}

/// Prints what was asked for once. Returns the exit status, without that of --fail-if for netstat's own text of a mode.
int print_pass(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan, Via via,
               bool first, int& status_of_view) {
  if (plan.replaces() && view_kind(request) != ViewKind::sockets) return print_mode_view(env, request, plan, via);
  if (request.masquerade) return print_masquerade(env, request, plan);
  const auto mode = [&](Environment& inside, Via from) {
    if (request.statistics) return print_statistics(inside, request, plan);
    if (request.route) return print_routes(inside, request, plan, from);
    if (request.interfaces) return print_interfaces(inside, request, plan, from, first);
    return list_sockets(inside, request, listing, plan, from, status_of_view);  // -g
  };
  const bool everywhere = lists_places(env, request.view.all_netns) && view_kind(request) != ViewKind::sockets;
  // ioctls about interfaces are about the caller's namespace.
  if (everywhere) {
    const int status = print_in_each_place(env, request.view.all_netns, via, !request.interfaces, mode);
    plan.note_missing(status != 0);
    return status;
  }
  if (request.statistics || request.route || request.interfaces) return mode(env, via);
  return list_sockets(env, request, listing, plan, via, status_of_view);
}

/// The same with the status of --fail-if; 0 lets -c go on.
int pass(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan, Via via, bool first,
         int& status_of_view) {
  const int status = print_pass(env, request, listing, plan, via, first, status_of_view);
  const bool decided = !plan.fails() || plan.replaces() || view_kind(request) == ViewKind::sockets;
  if (decided) return status;
  // These modes also end so if the table does not exist: the list is then empty. They have noted failed reads.
  const bool absent = status == kFailure && (request.masquerade || request.route || request.groups);
  return status_of_text(env, "netstat", plan, status, status != 0 && !absent);
}

/// One pass, or with -c passes until one fails. The output is flushed after each pass, so that a signal cuts no line.
/// JSON of -c has the number and the time of each pass.
int repeat(Environment& env, const Request& request, const Listing& listing, ViewPlan& plan, Via via) {
  const bool continuous = request.continuous && !request.statistics;
  PassStamp stamp;
  if (continuous) plan.pass.stamp = &stamp;
  int status_of_view = 0;
  for (bool first = true;; first = false) {
    ++stamp.number;
    stamp.wall_ns = wall_time_ns(env);
    const int status = pass(env, request, listing, plan, via, first, status_of_view);
    if (status != 0) return status;
    if (!continuous || env.out.flush() != 0) return status_of_view;
    env.clock.sleep_ns(kInterval);
  }
}

/// The lines before the first row of a mode.
std::uint32_t title_lines(ViewKind kind) {
  switch (kind) {
    case ViewKind::groups: return 3;
    case ViewKind::statistics: return 0;
    default: return 2;
  }
}

/// --watch and --rate.
int watch(Environment& env, Request& request, const Listing& listing, ViewKind kind, const ColumnSet& columns,
          Via via) {
  if (request.continuous)
    throw UsageError(fmt::format("{} does not go with -c", request.view.watch ? "--watch" : "--rate"), kUsageStatus);
  const auto list = [&](Environment& shown, const ViewPlan& plan) {
    if (plan.pass.keys != nullptr && !plan.replaces() && kind != ViewKind::sockets)
      plan.pass.keys->heading(title_lines(kind));
    int status_of_view = 0;
    const int status = pass(shown, request, listing, plan, via, true, status_of_view);
    return status == 0 ? status_of_view : status;
  };
  const auto toggle_names = [&] {
    const bool numbers = !(request.numeric_hosts || request.numeric_ports || request.numeric_users);
    request.numeric_hosts = request.numeric_ports = request.numeric_users = numbers;
  };
  return repeat_listing(env, request.view, {columns, via, list, toggle_names});
}

/// Everything after the options were folded.
int run(Environment& env, Request& request, const ParsedOptions& parsed) {
  prepare(env.proc, request);
  for (const std::string& note : request.notes) env.err.line(note);
  if (request.ending != Ending::none) return finish(env, request.ending);
  if (!parsed.error.empty()) {
    env.err.line(fmt::format("{}: {}", env.program, parsed.error));
    return usage_error(env, parsed.meant);
  }
  if (request.modes > 1) {
    const int status = usage_error(env);
    return env.err.line("netstat: -i, -r, -M and -s are modes: use one of them"), status;
  }

  const Via via = choose_via(request.via, env.variables);
  if (request.delta_ns && !request.statistics) throw UsageError("--delta needs -s", kUsageStatus);
  const ViewKind kind = view_kind(request);
  require_accepted(kind, request.view);
  if (env.hosts != nullptr) {
    require_several(env, kind);
    if (request.continuous) throw UsageError("-c: recorded hosts do not change", kUsageStatus);
  }
  // netstat's own text of a mode prints places one after the other: its rows have no column of them.
  const bool placed = lists_places(env, request.view.all_netns) && request.view.replaces();
  const ColumnSet& columns = columns_of(kind, placed ? std::optional(place_kind(env)) : std::nullopt);
  ViewPlan plan(env, request.view, columns);
  if (plan.csv && request.continuous)
    throw UsageError("--csv does not go with -c: a table has one heading; --json=lines marks passes", kUsageStatus);
  if (plan.help) return env.out.append(columns_help(columns)), 0;
  plan.require_owners(request.programs);
  choose_owners(env, request.view.owners);
  report_to_dry_run(env, plan);
  if (request.delta_ns) return print_delta(env, request, plan, via);
  Listing listing = listing_of(request);
  if (kind == ViewKind::sockets && listing.inet && !listing.inet6) plan.require_networks({Family::inet});
  // A family adds its sockets to the groups (-g -6). The shared options are about the groups alone, as in JSON.
  if (kind == ViewKind::groups && !plan.idle()) listing.protocols = {};
  if (!request.view.repeats()) return repeat(env, request, listing, plan, via);
  return watch(env, request, listing, kind, columns, via);
}

}  // namespace

int run(Environment& env, std::span<const std::string> args) {
  require_attached_interval(args);
  const OptionRules rules{.stop_at_operand = env.variables.has("POSIXLY_CORRECT")};
  const ParsedOptions parsed = parse_options(rows_of(options()), args, rules);
  Request request = fold(parsed.events);
  if (request.from.empty()) return run(env, request, parsed);
  return with_recorded_hosts(env, request.from, [&](Environment& shown) { return run(shown, request, parsed); });
}

}  // namespace duostat::netstat
