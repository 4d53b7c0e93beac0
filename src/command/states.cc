// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/states.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "src/base/display_width.h"
#include "src/base/error.h"
#include "src/base/lines.h"
#include "src/bench/text.h"
#include "src/collect/namespaces.h"
#include "src/collect/state_counts.h"
#include "src/command/closed_report.h"
#include "src/command/everywhere.h"
#include "src/command/scaffold.h"
#include "src/command/state_rows.h"
#include "src/command/text_table.h"
#include "src/view/fail_if.h"
#include "src/view/record_view.h"
#include "src/view/watch.h"

namespace duostat::command {
namespace states {
namespace {

constexpr std::string_view kTitle = "duostat states";
constexpr int kIncomplete = 1;  ///< exit status

struct Request {
  ProtocolSet protocols{};
  FamilySet families{};
  bool closed = false;
  std::optional<std::string> via;
  std::vector<std::string> from;  ///< --from
  ViewRequest view;
};

constexpr ProtocolSet kAll = [] {
  ProtocolSet all;
  for (const ProtocolRow& row : kProtocols) all.add(row.protocol);
  return all;
}();

constexpr std::string_view kCounted = "What is counted";
constexpr std::array<Option<Request>, 6> kOwn{{
    {'t', "tcp", "", "TCP and MPTCP", [](Request& r, auto) { r.protocols = r.protocols | kTcpProtocols; }, kCounted},
    {'u', "udp", "", "UDP and UDP-Lite", [](Request& r, auto) { r.protocols = r.protocols | kUdpProtocols; }, kCounted},
    {'x', "unix", "", "UNIX", [](Request& r, auto) { r.protocols = r.protocols | kUnixProtocols; }, kCounted},
    {'4', "ipv4", "", "IPv4 only", [](Request& r, auto) { r.families.add(Family::inet); }, kCounted},
    {'6', "ipv6", "", "IPv6 only", [](Request& r, auto) { r.families.add(Family::inet6); }, kCounted},
    {0, "closed", "", "TCP sockets without a connection, and the processes that hold them",
     [](Request& r, auto) { r.closed = true; }, kCounted},
}};
constexpr auto kOptions =
    join_rows(kOwn, via_option<Request>(kCounted), from_option<Request>(kCounted),
              all_netns_option<Request>(kCounted), list_options<Request>(), watch_option<Request>());
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

// ---- text ----

/// Bars behind the lines of the table: a full one is 100 %.
class Bars {
 public:
  explicit Bars(Environment& env)
      : env_(env), utf8_(bench::wants_utf8(env.variables)), colour_(wants_colour(env)) {}

  void print(std::string_view table, const std::vector<StateCount>& rows) {
    std::size_t widest = 0, n = 0;
    std::string_view rest = table, line;
    while (next_line(rest, line)) widest = std::max(widest, display_width(line));
    const auto columns = static_cast<std::size_t>(std::max(env_.terminal.columns, 0));
    constexpr std::size_t kLeast = 5, kMost = 50;
    const std::size_t room = columns > widest + 1 ? std::min(columns - widest - 1, kMost) : 0;
    for (rest = table; next_line(rest, line); ++n) {
      env_.out.append(line);
      if (n != 0 && room >= kLeast) bar(line, widest, room, rows[n - 1].share.value_or(0));
      env_.out.append('\n');
    }
  }

 private:
  void bar(std::string_view line, std::size_t widest, std::size_t room, double share) {
    const auto size = std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(room) / 100 + 0.5));
    env_.out.append(widest + 1 - display_width(line), ' ');
    if (colour_) env_.out.append("\x1b[36m");
    for (std::size_t i = 0; i < size; ++i) env_.out.append(utf8_ ? "\xe2\x96\x88" : "#");
    if (colour_) env_.out.append("\x1b[0m");
  }

  Environment& env_;
  bool utf8_, colour_;
};

void print_host_numbers(Environment& env, const std::vector<StateCount>& rows) {
  std::string text;
  for (const StateCount& r : rows) {
    if (!r.host) continue;
    for (const HostNumber& n : kHostNumbers)
      if (n.word == r.state && n.protocol == r.protocol)
        text += fmt::format("  {} {}\n", *r.host, n.text);
  }
  if (text.empty()) return;
  const bool child = in_initial_network_namespace(env.proc) == false;
  env.out.append(fmt::format("of the whole host{}:\n{}", child ? ", not of this network namespace" : "", text));
}

void print_text(Environment& env, const std::vector<StateCount>& rows, std::uint64_t subflows) {
  TextTable table({{"PROTO"}, {"FAMILY"}, {"STATE"}, {"SOCKETS", true}, {"SHARE", true}});
  std::vector<StateCount> counted;
  std::uint64_t total = 0;
  for (const StateCount& r : rows) {
    if (!r.sockets) continue;
    total += *r.sockets;
    counted.push_back(r);
    const std::string_view family = r.family == Family::inet ? "IPv4" : r.family == Family::inet6 ? "IPv6" : "";
    table.row({shown_protocol(r.protocol), std::string(family), shown_state(r.state), std::to_string(*r.sockets),
               fmt::format("{:.1f}%", r.share.value_or(0))});
  }
  const Terminal& terminal = env.terminal;
  if (terminal.is_tty) {
    StringSink text;
    {
      Output out(text);
      table.print(out, static_cast<std::size_t>(std::max(terminal.columns, 0)));
    }
    Bars(env).print(text.text, counted);
  } else {
    table.print(env.out, 0);
  }
  env.out.append(fmt::format("\n{} sockets in this network namespace", total));
  if (subflows != 0) env.out.append(fmt::format("; {} TCP subflows of MPTCP are not counted again", subflows));
  env.out.append('\n');
  print_host_numbers(env, rows);
}

// ---- the command ----

/// True if something could not be read: tables, or a number of the host for the reason `unread`. Each is reported.
bool report(Environment& env, RecordView* view, const std::vector<TableAnswer>& answers, const std::string& unread) {
  bool incomplete = false;
  const auto tell = [&](std::string_view object, const std::string& why) {
    incomplete = true;
    if (view != nullptr) view->note("list", object, why);
    else env.err.line(fmt::format("{}: {}: incomplete: {}", kTitle, object, why));
  };
  for (const TableAnswer& a : answers)
    if (a.missing) tell(a.name, why_missing(a));
  if (!unread.empty()) tell("numbers of the host", unread);
  return incomplete;
}

int count(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  const bool families = !request.families.empty();
  const ProtocolSet protocols =
      !request.protocols.empty() ? request.protocols : families ? kInetProtocols : kAll;
  const SocketCounts counts =
      count_sockets(env, via, protocols, families ? request.families : FamilySet{Family::inet, Family::inet6});
  std::vector<StateCount> rows = state_rows(env, counts);
  const std::string unread = add_host_numbers(env, protocols, rows);
  choose_records(plan, rows);
  if (plan.replaces()) {
    RecordView view(env, kTitle, plan, record_column_set<StateCount>(), "states", via);
    report(env, &view, counts.answers, unread);
    view.print_all(rows);
    return view.finish();
  }
  const bool incomplete = report(env, nullptr, counts.answers, unread);
  print_text(env, rows, counts.subflows);
  return status_of_text(env, kTitle, plan, incomplete ? kIncomplete : 0, incomplete);
}

ProtocolSet protocols_of(const Request& request) {
  if (!request.protocols.empty()) return request.protocols;
  return request.families.empty() ? kAll : kInetProtocols;
}
FamilySet families_of(const Request& request) {
  return request.families.empty() ? FamilySet{Family::inet, Family::inet6} : request.families;
}

void print_everywhere(Environment& env, const std::vector<Placed<StateCount>>& rows, std::uint64_t subflows) {
  const PlaceWords& words = words_of(place_kind(env));
  TextTable table({{words.heading}, {"PROTO"}, {"FAMILY"}, {"STATE"}, {"SOCKETS", true}, {"SHARE", true}});
  std::uint64_t total = 0;
  for (const Placed<StateCount>& placed : rows) {
    const StateCount& r = placed.record;
    if (!r.sockets) continue;
    total += *r.sockets;
    const std::string_view family = r.family == Family::inet ? "IPv4" : r.family == Family::inet6 ? "IPv6" : "";
    table.row({placed.place->label, shown_protocol(r.protocol), std::string(family), shown_state(r.state),
               std::to_string(*r.sockets), fmt::format("{:.1f}%", r.share.value_or(0))});
  }
  table.print(env.out, env.terminal.is_tty ? static_cast<std::size_t>(std::max(env.terminal.columns, 0)) : 0);
  env.out.append(fmt::format("\n{} sockets in all {}", total, words.many));
  if (subflows != 0) env.out.append(fmt::format("; {} TCP subflows of MPTCP are not counted again", subflows));
  env.out.append('\n');
}

/// The counts of every place; shares are those in each.
int count_everywhere(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  const auto found = places_of(env, request.view.all_netns);
  EachPlace& places = *found;
  if (plan.json != JsonStyle::document) print_times(env, kTitle, places, !plan.replaces());
  std::optional<RecordView> view;
  if (plan.replaces())
    view.emplace(places.env(), kTitle, plan, placed_column_set<StateCount>(places.kind()), "states", via);
  EverywhereReport report(env, kTitle, view ? &*view : nullptr);
  std::vector<Placed<StateCount>> all;
  std::uint64_t subflows = 0;
  places.run(via, [&](Environment& inside, Via from) {
    const SocketCounts counts = count_sockets(inside, from, protocols_of(request), families_of(request));
    report.answers(counts.answers, places.get().label);
    for (StateCount& row : state_rows(inside, counts)) all.push_back({std::move(row), &places.get()});
    subflows += counts.subflows;
  });
  report.places(places, protocols_of(request));
  choose_records(plan, all);
  if (view) {
    view->print_all(all);
    return view->finish();
  }
  print_everywhere(env, all, subflows);
  return status_of_text(env, kTitle, plan, report.incomplete() ? kIncomplete : 0, report.incomplete());
}

int count_passes(Environment& env, const Request& request) {
  const Via via = choose_via(request.via, env.variables);
  const bool everywhere = lists_places(env, request.view.all_netns);
  const ColumnSet& set = everywhere ? placed_column_set<StateCount>(place_kind(env)) : record_column_set<StateCount>();
  const ViewPlan plan(env, request.view, set);
  if (plan.help) return env.out.append(columns_help(set)), 0;
  const auto pass = [&](Environment& shown, const ViewPlan& chosen) {
    return everywhere ? count_everywhere(shown, request, chosen, via) : count(shown, request, chosen, via);
  };
  if (!request.view.watch) return pass(env, plan);
  const auto toggle_names = [] {};  // there are none
  return repeat_listing(env, request.view, {set, via, pass, toggle_names});
}

int run(Environment& env, const Request& request, std::span<const std::string>) {
  if (request.view.all_netns && request.closed)
    throw UsageError("--closed: it is about every network namespace anyway; leave --all-netns out", kUsageStatus);
  if (!request.closed) return count_passes(env, request);
  require_one_host(env, "--closed");
  if (request.view.watch) throw UsageError("--watch does not go with --closed", kUsageStatus);
  if (!request.protocols.empty() || !request.families.empty() || request.via)
    throw UsageError("--closed is about TCP over both families, by netlink: leave -t, -u, -x, -4, -6 and --via out",
                     kUsageStatus);
  return print_closed(env, kTitle, request.view);
}

}  // namespace
}  // namespace states

constinit const Command kStates = command_of<states::options, states::run>({
    .title = states::kTitle,
    .summary = "count sockets by protocol, family and state",
    .description = "Counts the sockets of this network namespace. MPTCP connections and their subflows count once.\n"
                   "Exit status: 0 complete, 1 rows are missing, 2 usage error, 3 could not look.",
    .failure_status = 3,
    .shows_host = true,
    .shows_hosts = true,
});

}  // namespace duostat::command
