// The ss front end: options, preparations, summary, filter, listing.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <unistd.h>

#include <fmt/core.h>

#include <cerrno>

#include "compat/frontend.h"
#include "compat/ss/events.h"
#include "compat/ss/filter_errors.h"
#include "compat/ss/filter_file.h"
#include "compat/ss/host_view.h"
#include "compat/ss/listing.h"
#include "compat/ss/operands.h"
#include "compat/ss/preparation.h"
#include "compat/ss/screen.h"
#include "compat/ss/statuses.h"
#include "compat/ss/summary.h"
#include "compat/view_rules.h"
#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/collect/dry_run.h"
#include "src/collect/owners.h"
#include "src/collect/recorded_host.h"
#include "src/collect/shown_host.h"
#include "src/query/eval.h"
#include "src/query/parser.h"
#include "src/view/watch.h"

namespace duostat::ss {
namespace {

/// The states in which a TCP socket has a peer. TIME-WAIT has no counters any more.
constexpr StateMask kStatesWithPeer = mask_of(State::established, State::syn_sent, State::fin_wait1, State::fin_wait2,
                                              State::close_wait, State::last_ack, State::closing);

/// Prints the message and the text of an early end. Returns the exit status.
int conclude(Environment& env, const Ending& ending) {
  if (!ending.message.empty()) env.err.line(ending.message);
  switch (ending.text) {
    case Ending::Text::none:
      if (!ending.meant.empty() && env.terminal.err_is_tty) env.err.line("did you mean " + ending.meant + "?");
      break;
    case Ending::Text::version:
      env.out.append("ss utility, iproute2-7.1.0 (duostat " DUOSTAT_VERSION ")\n");
      break;
    case Ending::Text::usage:
      if (ending.status == 0) {
        env.out.append(usage());
      } else {
        env.err.raw(usage_hint(ending.meant));
      }
      break;
  }
  return ending.status;
}

/// Writes the kernel's raw answer about TCP sockets to a file. Returns the exit status.
int dump(Environment& env, const Request& request) {
  if (!request.tables.has(Protocol::tcp)) {
    env.err.line("ss: tcpdiag dump requested and no tcp in filter.");
    return 0;
  }
  if (env.dry_run != nullptr) {
    env.dry_run->file(*request.dump_file, true, "the kernel's raw answer");
    StringSink sink;
    return dump_tcp(env, request, sink, [](std::uint64_t) { return 0; });
  }
  if (*request.dump_file == "-") {
    FdSink sink(STDOUT_FILENO);
    return dump_tcp(env, request, sink, rewind_of(STDOUT_FILENO));
  }
  const Fd fd = [&] {
    const CallersRights rights(env.secure);
    return Fd(::open(request.dump_file->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  }();
  if (!fd) {
    env.err.line("fopen dump file: " + error_text(errno));
    return kFailed;
  }
  FdSink sink(fd.get());
  return dump_tcp(env, request, sink, rewind_of(fd.get()));
}

/// Parses the words of the filter into `expr`, and the families that they name into the request. False: the error was
/// printed, and `status` is the exit status.
bool read_filter(Environment& env, std::span<const std::string> operands, Request& request, RpcPrograms* rpc,
                 std::optional<Expr>& expr, int& status) {
  std::vector<std::string> words(operands.begin(), operands.end());
  FilterLines file;
  if (request.filter_file) file = read_filter_lines(request.filter_file->get());
  words.insert(words.end(), file.lines.begin(), file.lines.end());
  if (words.empty() && file.complaint.empty()) return true;
  const auto lookup = lookup_of(env, rpc);
  Parsed parsed = parse_filter(words, {.names = *lookup,
                                       .tcp = request.tables.has(Protocol::tcp),
                                       .udp = request.tables.has(Protocol::udp),
                                       .preferred = request.preferred,
                                       .kernel_first_only = true});
  // A mistake in the words before the unusable line is reported instead of that line.
  if (!file.complaint.empty() && (parsed.ok() || parsed.error.word >= words.size())) {
    env.err.line(file.complaint);
    return false;
  }
  if (!parsed.ok()) {
    const FilterFailure failure = filter_failure(parsed.error, words, env.terminal.err_is_tty);
    env.err.raw(failure.text);
    if (failure.usage) env.err.raw(usage_hint());
    status = failure.status;
    return false;
  }
  expr = std::move(parsed.expr);
  request.preferred = parsed.preferred;
  if (parsed.restricted) request.families = FamilySet{*parsed.restricted};
  return true;
}

/// The groups of columns that JSON shows.
std::uint16_t view_parts(const Request& r) {
  const struct {
    bool asked;
    ViewPart part;
  } kParts[] = {{r.timers, kViewTimers},    {r.extended, kViewExtended}, {r.info, kViewInfo},
                {r.memory, kViewMemory},    {r.processes, kViewOwners},  {r.tos, kViewTos},
                {r.cgroup, kViewCgroup},    {r.inet_sockopt, kViewSockopt}, {r.bpf, kViewFilter},
                {r.tipc_info, kViewTipc}};
  unsigned parts = kViewBase;
  for (const auto& row : kParts)
    if (row.asked) parts |= row.part;
  return static_cast<std::uint16_t>(parts);
}

/// What the command line shows. `ss -s` with a listing counts as the listing.
ViewKind view_kind(const Request& request, std::span<const std::string> operands) {
  if (request.dump_file) return ViewKind::raw_dump;
  return request.summary && request.defaulting && operands.empty() ? ViewKind::summary : ViewKind::sockets;
}

/// --watch and --rate list more than once.
void refuse_repeats(const Request& r) {
  const struct {
    bool given;
    std::string_view option, why;
  } kOnce[] = {{r.events, "-E", "it goes on by itself"},
               {r.kill, "-K", "sockets are closed once"},
               {r.summary, "-s", "only lists of sockets are repeated"}};
  for (const auto& row : kOnce)
    if (row.given && r.view.repeats())
      throw UsageError(
          fmt::format("{} does not go with {}: {}", r.view.watch ? "--watch" : "--rate", row.option, row.why),
          kUsageStatus);
}

/// Throws UsageError for what several places do not go with: each would be about one of them, or about this host.
void check_places(const Environment& env, const Request& request, const Expr* filter) {
  if (env.hosts != nullptr) {
    if (request.dump_file) require_one_host(env, "ss -D");
    if (request.summary) require_one_host(env, "ss -s");
    if (request.view.since) require_one_host(env, "--since");
    if (filter != nullptr && fields_of(*filter).has(Field::interface))
      require_one_host(env, "dev in a filter", " (--where 'interface = eth0' goes with several)");
    if (filter != nullptr && fields_of(*filter).has(Field::cgroup))
      require_one_host(env, "cgroup in a filter", " (--where 'cgroup = /PATH' goes with several)");
    return;
  }
  if (!request.view.all_netns) return;
  const auto refuse = [](std::string_view what) {
    throw UsageError(fmt::format("--all-netns does not go with {}", what), kUsageStatus);
  };
  if (request.entered_netns) refuse("-N");
  if (request.kill) refuse("-K: close sockets in one network namespace (-N)");
  if (request.events) refuse("-E");
  if (request.summary) refuse("-s");
  if (filter != nullptr && fields_of(*filter).has(Field::interface))
    refuse("dev in a filter: each network namespace has interfaces of its own (--where 'interface = eth0')");
}

int list(Environment& outer, Request& request, const ViewPlan& plan, Via via, const OwnerIndex& owners,
         RpcPrograms* rpc, const Expr* filter) {
  const auto places = places_of(outer, request.view.all_netns);
  Environment& env = places ? places->env() : outer;
  if (places) rpc = nullptr;  // they are registered in one namespace
  Labels labels(env, request, rpc);
  CgroupPaths cgroups = cgroups_of(env);
  EachPlace* const every = places.get();
  const ColumnMask place = every != nullptr ? mask_of(LayoutColumn::place) : ColumnMask{0};
  Layout layout(env.out, columns_of(request) | place, screen_width(env),
                every != nullptr ? every->words().title : std::string_view());
  SocketView sockets(env, plan,
                     {view_parts(request), request.header, request.threads, via, "ss", request.events, request.tables,
                      every, (~request.states() & kStatesWithPeer) == 0});
  View view{request, env, layout, labels, cgroups, owners, sockets, request.storage_maps, every};
  if (request.events) return follow_events(view, via, filter);
  const ListingResult result = list_sockets(view, via, filter);
  if (result.unsupported_filter) {
    env.err.line("It looks like such filter is not supported! Too old kernel?");
    return kFailed;
  }
  if (const std::string problem = labels.problem(); !problem.empty()) env.err.line(problem);  // quirk: owners-unread
  // quirk: owners-unread - unless the view has looked for owners too and said it
  if (owners.coverage().lost() && !sockets.owner_coverage().lost()) env.err.line(owners_line("ss", owners.coverage()));
  if (request.strict && env.dry_run == nullptr) {
    if (result.unclosed.any()) env.err.line(result.unclosed.line(request.dry_run));
    if (result.unclosed.any() || sockets.incomplete()) return 1;
  }
  if (sockets.fails()) return sockets.status();
  // The original returns 0 whatever it could read. A backend that the user named and that could read nothing is a
  // failure.
  return result.asked != 0 && result.refused == result.asked ? 1 : sockets.status();
}

/// Everything after the options were folded.
int run(Environment& env, Request& request, std::span<const std::string> operands) {
  prepare(env, request);
  if (request.ending) return conclude(env, *request.ending);
  const bool recorded = env.recorded || env.hosts != nullptr;
  if (recorded && (request.kill || request.events)) {
    env.err.line(request.kill ? "ss: -K: the sockets of a recorded host cannot be closed"
                              : "ss: -E: a recorded host has no events");
    return kUsageStatus;
  }
  if (env.secure && request.kill && !request.dry_run) {
    env.err.line("ss: -K: " + std::string(kOnlyShows));
    return kUsageStatus;
  }
  const Via via = choose_via(request.via, env.variables);
  require_accepted(view_kind(request, operands), request.view);
  const ViewPlan plan(env, request.view);
  if (plan.help) return env.out.append(columns_help()), 0;
  check_places(env, request, nullptr);
  if (request.events && request.view.since) throw UsageError("--since does not go with -E", kUsageStatus);
  plan.require_owners(request.processes);
  choose_owners(env, request.view.owners, request.threads);
  refuse_repeats(request);
  check_kill(request, plan, via);
  report_to_dry_run(env, plan);
  bool complete = true;
  if (request.summary) {
    complete = show_summary(env, plan.json, via);
    if (request.defaulting && operands.empty()) return complete ? 0 : kIncomplete;
  }

  std::span<const std::string> words = operands;
  take_state_words(words, request);
  if (!request.ending) complete_choice(request);
  if (request.ending) return conclude(env, *request.ending);
  plan.require_networks(request.families);

  if (request.dump_file) return dump(env, request);

  std::optional<Expr> filter;
  int status = kFailed;
  RpcPrograms programs;
  // A recorded host is not asked for its RPC programs, and a dry run asks no host.
  const bool asks = request.resolve && !request.numeric && !recorded && env.dry_run == nullptr;
  RpcPrograms* const rpc = asks ? &programs : nullptr;
  if (!read_filter(env, words, request, rpc, filter, status)) return status;
  check_places(env, request, filter ? &*filter : nullptr);
  // The scan of every process comes last: a mistake in the filter must not wait for it.
  const auto pass = [&](Environment& shown, const ViewPlan& chosen) {
    // Those of several hosts are read host by host.
    const OwnerIndex owners = chosen.replaces() || shown.hosts != nullptr ? OwnerIndex() : owners_of(shown, request);
    const int listed = list(shown, request, chosen, via, owners, rpc, filter ? &*filter : nullptr);
    return listed == 0 && !complete ? kIncomplete : listed;
  };
  if (!request.view.repeats()) return pass(env, plan);
  const auto toggle_names = [&] { request.numeric = !request.numeric; };
  return repeat_listing(env, request.view, {socket_columns(), via, pass, toggle_names});
}

}  // namespace

int run(Environment& env, std::span<const std::string> args) {
  require_attached_interval(args);
  std::vector<std::string> operands;
  Request request = read_options(args, env.program, env.variables.has("POSIXLY_CORRECT"), operands);
  if (request.from.empty()) return run(env, request, operands);
  return with_recorded_hosts(env, request.from, [&](Environment& shown) { return run(shown, request, operands); });
}

}  // namespace duostat::ss
