// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/mode_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <utility>

#include "compat/netstat/groups.h"
#include "compat/netstat/interfaces.h"
#include "compat/netstat/rare_tables.h"
#include "compat/netstat/route_source.h"
#include "compat/netstat/statistics.h"
#include "src/base/error.h"
#include "src/collect/each_place.h"
#include "src/procfs/masquerade.h"
#include "src/procfs/route.h"
#include "src/render/placed.h"
#include "src/render/record_json.h"
#include "src/view/record_view.h"

namespace duostat::netstat {
namespace {

/// Reports what is missing from a file whose first line names its columns. In a network namespace without routes the
/// file is empty.
void note_columns(RecordView& view, const Coverage& coverage, std::string_view file) {
  if (coverage.operation != Operation::missing_column) return view.note(coverage);
  if (!coverage.object.empty()) view.note("read", file, fmt::format("no column {}", coverage.object));
}

/// Reports what is missing from rows that may come from two sources.
void note(RecordView& view, const Reading& reading) {
  note_columns(view, reading.coverage, "/proc/net/route");
  if (reading.refused) view.note(*reading.refused);
}

template <class T>
void show(RecordView& view, const ViewPlan& plan, std::vector<T>& records) {
  choose_records(plan, records);
  view.print_all(records);
}

// ---- routes ----

void read_inet(Environment& env, RecordView& view, Via via, bool origin, std::vector<Route>& routes) {
  const RouteReading read = read_family_routes(env, via, Family::inet, origin, routes);
  std::erase_if(routes,
                [](const Route& r) { return r.family == Family::inet && !r.cache && (r.flags & kRouteUp) == 0; });
  note(view, read.reading);
  if (read.no_origin) view.note(*read.no_origin);
}

void read_inet_cache(Environment& env, RecordView& view, std::vector<Route>& routes) {
  Coverage coverage = read_route_cache(env.proc, routes);
  if (coverage.error == ENOENT) coverage = {};  // this kernel has no route cache
  note_columns(view, coverage, "/proc/net/rt_cache");
}

void read_inet6(Environment& env, RecordView& view, const Request& request, Via via, bool origin,
                std::vector<Route>& routes) {
  const bool cache = request.cache, fib = request.fib || !request.cache;
  RouteReading read = read_family_routes(env, via, Family::inet6, origin, routes);
  std::erase_if(routes, [&](const Route& r) {
    return r.family == Family::inet6 && !((r.flags & kRouteCache) != 0 ? cache : fib);
  });
  if (lacks_inet6(env, read.reading)) return;
  note(view, read.reading);
  if (read.no_origin) view.note(*read.no_origin);
}

/// Reports a column that is empty because procfs does not have it.
void note_unknown_column(RecordView& view, const Environment& env, const ViewPlan& plan, Via via) {
  const std::string_view name = named_origin(plan);
  if (!name.empty() && (via == Via::procfs || env.proc.given())) view.note("read", name, "this column needs netlink");
}

int routes(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  std::vector<AddressFamily> families = request.family_list;
  if (families.empty()) families.push_back(AddressFamily::inet);
  for (const AddressFamily family : families)
    if (family != AddressFamily::inet && family != AddressFamily::inet6 && !has_rare_routes(family))
      throw UsageError(fmt::format("No routing for address family `{}'.", canonical_name(family)), kUsageStatus);
  RecordView view(env, "netstat", plan, record_column_set<Route>(), "routes", via);
  const bool origin = wants_origin(plan);
  std::vector<Route> found;
  for (const AddressFamily family : families) {
    if (family == AddressFamily::inet6) {
      read_inet6(env, view, request, via, origin, found);
    } else if (family == AddressFamily::inet) {
      if (request.fib || !request.cache) read_inet(env, view, via, origin, found);
      if (request.cache) read_inet_cache(env, view, found);
    } else {
      view.print_all(std::exchange(found, {}));  // these families take --json alone: no record is filtered or sorted
      view.note(add_rare_routes(env.proc, family, view.document()));
    }
  }
  show(view, plan, found);
  note_unknown_column(view, env, plan, via);
  return view.finish();
}

// ---- the others ----

/// Reports lines of the file that lack some of the counters.
void note_missing_counters(RecordView& view, const std::vector<Interface>& interfaces) {
  constexpr std::uint8_t kAll = InterfaceCounters().known;
  const auto lacking = [](const Interface& i) { return i.counters && i.counters->known < kAll; };
  if (const auto lines = std::ranges::count_if(interfaces, lacking); lines != 0)
    view.note("read", "net/dev", fmt::format("{} line{} without all counters", lines, lines == 1 ? "" : "s"));
}

int interfaces(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  Interfaces found = read_interface_list(env, via, true);
  RecordView view(env, "netstat", plan, record_column_set<Interface>(), "interfaces", via);
  note_missing_counters(view, found.list);
  if (!request.all) std::erase_if(found.list, [](const Interface& i) { return (i.flags & kInterfaceUp) == 0; });
  show(view, plan, found.list);
  for (const Coverage& problem : found.problems) view.note(problem, true);
  return view.finish(found.status);
}

void read_both_groups(Environment& env, const Request& request, RecordView& view, Via via,
                      std::vector<MulticastGroup>& found) {
  const auto& families = request.families;
  const bool both = !families.has(AddressFamily::inet) && !families.has(AddressFamily::inet6);
  for (const Family family : {Family::inet, Family::inet6}) {
    if (!both && !families.has(family == Family::inet ? AddressFamily::inet : AddressFamily::inet6)) continue;
    std::vector<unsigned long> rejected;
    Reading reading = read_groups(env, via, family, found, rejected);
    if (!reading.by_netlink)
      reading.coverage.malformed = std::max<std::uint64_t>(reading.coverage.malformed, rejected.size());
    if (family == Family::inet6 && lacks_inet6(env, reading)) continue;
    note(view, reading);
  }
}

int groups(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  RecordView view(env, "netstat", plan, record_column_set<MulticastGroup>(), "groups", via);
  std::vector<MulticastGroup> found;
  read_both_groups(env, request, view, via, found);
  show(view, plan, found);
  return view.finish();
}

/// Reports names in the files that have no number.
void note_unknown_counters(RecordView& view, const Statistics& found) {
  for (const CounterSection& section : found.sections) {
    const auto unknown = std::ranges::count(section.counters, false, &Counter::known);
    if (unknown != 0)
      view.note("read", section.name, fmt::format("{} counter{} without a number", unknown, unknown == 1 ? "" : "s"));
  }
}

/// Records what could not be read. Reports names without numbers, about which the original is silent.
void note_problems(RecordView& view, const Statistics& found) {
  for (const Coverage& problem : found.problems) view.note(problem, true);
  for (const Coverage& heading : found.headings) view.note(heading);
}

int statistics(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  if (!has_statistics(request)) throw UsageError(no_statistics_text(request).substr(sizeof "netstat:"), kUsageStatus);
  Statistics found = read_statistics(env, request);
  std::erase_if(found.sections, [&](const CounterSection& section) { return !is_selected(request, section); });
  RecordView view(env, "netstat", plan, record_column_set<CounterRecord>(),
                  is_json_alone(plan) ? "statistics" : "counters", via);
  if (is_json_alone(plan)) {
    for (const CounterSection& section : found.sections) {
      plan.count_rows(section.counters.size());
      view.add_rows(section.counters.size());
      Json& json = view.document().begin_object();
      put_section(json, section);
      json.end_object();
      view.document().end_element();
    }
  } else {
    std::vector<CounterRecord> records = counters_of(found.sections);
    show(view, plan, records);
  }
  note_problems(view, found);
  note_unknown_counters(view, found);
  return view.finish();
}

int masquerade(Environment& env, const ViewPlan& plan, Via via) {
  std::vector<MasqueradedConnection> connections;
  Coverage coverage = read_masquerade(env.proc, connections);
  // quirk: masquerade-conntrack
  if (coverage.error != 0 && coverage.operation == Operation::open) coverage = read_conntrack(env.proc, connections);
  RecordView view(env, "netstat", plan, record_column_set<MasqueradedConnection>(), "masquerade", via);
  show(view, plan, connections);
  view.note(coverage);
  return view.finish();
}

int rare_sockets(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  RecordView view(env, "netstat", plan, ColumnSet(), "rare_sockets", via);
  for (const AddressFamily family : request.family_list)
    view.note(add_rare_sockets(env.proc, family, view.document()));
  return view.finish();
}

/// Whether only families with tables of their own are selected, and no Internet or UNIX sockets.
bool rare_only(const Request& request) {
  if (request.family_list.empty() || !request.protocols.empty() || request.groups) return false;
  return std::ranges::all_of(request.family_list, has_rare_sockets);
}

bool other_tables_than_groups(const Request& request) {
  const auto is_internet = [](AddressFamily f) { return f == AddressFamily::inet || f == AddressFamily::inet6; };
  return !request.protocols.empty() || request.l2cap || request.rfcomm ||
         !std::ranges::all_of(request.family_list, is_internet);
}

/// The first shared option on the command line, or empty.
std::string_view first_given(const ViewRequest& request) {
  for (std::size_t i = 0; i < kViewOptions; ++i)
    if (request.given(static_cast<ViewOption>(i))) return name_of(static_cast<ViewOption>(i));
  return {};
}

// ---- every network namespace ----

/// Reads the records of one namespace, and notes what is missing.
template <class T>
using Reader = FunctionRef<void(Environment& inside, RecordView& view, Via via, std::vector<T>& records)>;

template <class T>
int show_everywhere(Environment& env, const ViewPlan& plan, Via via, std::string_view kind, Reader<T> read,
                    bool files_suffice = true) {
  const auto several = places_of(env, plan.words.all_netns);
  EachPlace& places = *several;
  RecordView view(places.env(), "netstat", plan, placed_column_set<T>(places.kind()), kind, via);
  std::vector<Placed<T>> all;
  const auto read_one = [&](Environment& inside, Via from) {
    view.locate(places.get().label);
    std::vector<T> found;
    read(inside, view, from, found);
    for (T& t : found) all.push_back({std::move(t), &places.get()});
  };
  places.run(via, read_one, files_suffice);
  view.locate({});
  for (const EachPlace::Problem& p : places.problems()) view.note(places.words().operation, p.object, p.error);
  bool lacks = false;
  if (const std::string text = places.files_text({}, lacks); !text.empty()) env.err.line("netstat: " + text);
  show(view, plan, all);
  return view.finish();
}

int routes_everywhere(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  std::vector<AddressFamily> families = request.family_list;
  if (families.empty()) families.push_back(AddressFamily::inet);
  const bool origin = wants_origin(plan);
  return show_everywhere<Route>(env, plan, via, "routes",
                                [&](Environment& inside, RecordView& view, Via from, std::vector<Route>& found) {
    for (const AddressFamily family : families) {
      const bool six = family == AddressFamily::inet6;
      if (six) read_inet6(inside, view, request, from, origin, found);
      else if (request.fib || !request.cache) read_inet(inside, view, from, origin, found);
      if (!six && request.cache) read_inet_cache(inside, view, found);
    }
    note_unknown_column(view, inside, plan, from);
  });
}

int interfaces_everywhere(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  constexpr bool kFilesSuffice = false;  // ioctls are about the caller's namespace
  return show_everywhere<Interface>(env, plan, via, "interfaces",
                                    [&](Environment& inside, RecordView& view, Via from, std::vector<Interface>& list) {
    Interfaces found = read_interface_list(inside, from, true);
    note_missing_counters(view, found.list);
    if (!request.all) std::erase_if(found.list, [](const Interface& i) { return (i.flags & kInterfaceUp) == 0; });
    for (const Coverage& problem : found.problems) view.note(problem, true);
    list = std::move(found.list);
  }, kFilesSuffice);
}

int groups_everywhere(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  return show_everywhere<MulticastGroup>(
      env, plan, via, "groups",
      [&](Environment& inside, RecordView& view, Via from, std::vector<MulticastGroup>& found) {
        read_both_groups(inside, request, view, from, found);
      });
}

int counters_everywhere(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  if (!has_statistics(request)) throw UsageError(no_statistics_text(request).substr(sizeof "netstat:"), kUsageStatus);
  std::deque<Statistics> kept;  // the records refer to its texts
  return show_everywhere<CounterRecord>(
      env, plan, via, "counters",
      [&](Environment& inside, RecordView& view, Via, std::vector<CounterRecord>& records) {
        Statistics& found = kept.emplace_back(read_statistics(inside, request));
        std::erase_if(found.sections, [&](const CounterSection& section) { return !is_selected(request, section); });
        records = counters_of(found.sections);
        note_problems(view, found);
        note_unknown_counters(view, found);
      });
}

int print_everywhere(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  if (request.statistics) return counters_everywhere(env, request, plan, via);
  if (request.route) return routes_everywhere(env, request, plan, via);
  if (request.interfaces) return interfaces_everywhere(env, request, plan, via);
  return groups_everywhere(env, request, plan, via);
}

}  // namespace

ViewKind view_kind(const Request& request) {
  if (request.masquerade) return ViewKind::masquerade;
  if (request.statistics) return request.delta_ns ? ViewKind::changes : ViewKind::statistics;
  if (request.route)
    return std::ranges::any_of(request.family_list, has_rare_routes) ? ViewKind::rare : ViewKind::routes;
  if (request.interfaces) return ViewKind::interfaces;
  if (rare_only(request)) return ViewKind::rare;
  if (!request.groups) return ViewKind::sockets;
  if (!other_tables_than_groups(request)) return ViewKind::groups;
  if (const std::string_view option = first_given(request.view); !option.empty())
    throw UsageError(fmt::format("--{}: -g prints a document of its own; list the sockets without it", option),
                     kUsageStatus);
  return ViewKind::sockets;
}

namespace {

template <class T>
const ColumnSet& set_of(std::optional<PlaceKind> places) {
  return places ? placed_column_set<T>(*places) : record_column_set<T>();
}

}  // namespace

const ColumnSet& columns_of(ViewKind kind, std::optional<PlaceKind> places) {
  switch (kind) {
    case ViewKind::routes: return set_of<Route>(places);
    case ViewKind::interfaces: return set_of<Interface>(places);
    case ViewKind::groups: return set_of<MulticastGroup>(places);
    case ViewKind::statistics:
    case ViewKind::changes: return set_of<CounterRecord>(places);
    case ViewKind::masquerade: return set_of<MasqueradedConnection>(places);
    default: return socket_columns();
  }
}

int print_mode_view(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  if (lists_places(env, request.view.all_netns)) return print_everywhere(env, request, plan, via);
  if (request.masquerade) return masquerade(env, plan, via);
  if (request.statistics) return statistics(env, request, plan, via);
  if (request.route) return routes(env, request, plan, via);
  if (request.interfaces) return interfaces(env, request, plan, via);
  return request.groups ? groups(env, request, plan, via) : rare_sockets(env, request, plan, via);
}

}  // namespace duostat::netstat
