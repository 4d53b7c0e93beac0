// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/listen.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

#include "src/base/callers_rights.h"
#include "src/base/error.h"
#include "src/collect/host.h"
#include "src/collect/listeners.h"
#include "src/collect/owners.h"
#include "src/command/baseline_file.h"
#include "src/command/everywhere.h"
#include "src/command/listener_text.h"
#include "src/command/scaffold.h"
#include "src/command/text_table.h"
#include "src/view/fail_if.h"
#include "src/view/record_view.h"
#include "src/view/watch.h"

namespace duostat::command {
namespace listen {
namespace {

constexpr std::string_view kTitle = "duostat listen";
constexpr int kFound = 1;  ///< exit status: a difference, or something is missing

struct Request {
  ProtocolSet protocols{};
  FamilySet families{};
  bool numeric = false;
  std::optional<std::string> via, owners, baseline, write_baseline;
  std::vector<std::string> from;  ///< --from
  ViewRequest view;
};

constexpr ProtocolSet kUdp{Protocol::udp}, kUnix{Protocol::unix_stream, Protocol::unix_seqpacket};

constexpr std::string_view kShown = "What is listed";
constexpr std::array<Option<Request>, 8> kOwn{{
    {'t', "tcp", "", "TCP and MPTCP", [](Request& r, auto) { r.protocols = r.protocols | kTcpProtocols; }, kShown},
    {'u', "udp", "", "UDP sockets that are bound to a port and have no peer",
     [](Request& r, auto) { r.protocols = r.protocols | kUdp; }, kShown},
    {'x', "unix", "", "UNIX", [](Request& r, auto) { r.protocols = r.protocols | kUnix; }, kShown},
    {'4', "ipv4", "", "IPv4 only", [](Request& r, auto) { r.families.add(Family::inet); }, kShown},
    {'6', "ipv6", "", "IPv6 only", [](Request& r, auto) { r.families.add(Family::inet6); }, kShown},
    {'n', "numeric", "", "numbers for services and users", [](Request& r, auto) { r.numeric = true; }, kShown},
    {0, "baseline", "FILE", "list only what is new, gone or changed since FILE was written; status 1 if there is any",
     keep_value<Request, &Request::baseline>, kShown},
    {0, "write-baseline", "FILE", "write all listeners to FILE, and list nothing",
     keep_value<Request, &Request::write_baseline>, kShown},
}};
constexpr auto kOptions =
    join_rows(kOwn, via_option<Request>(kShown), owners_option<Request>(kShown), from_option<Request>(kShown),
              all_netns_option<Request>(kShown), list_options<Request>(), watch_option<Request>());
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

// ---- text ----

/// `labels`: the place of each; empty: there is one.
void print_text(Environment& env, const std::vector<Listener>& list, bool numeric,
                const std::vector<std::string>& labels = {}) {
  constexpr bool kRight = true, kRare = true;
  TextTable table({{words_of(place_kind(env)).heading, false, 0, kRare},
                   {"CHANGE", false, 0, kRare},
                   {"PROTO"},
                   {"PORT", kRight},
                   {"SERVICE", false, 7, kRare},
                   {"ADDRESS", false, 12},
                   {"QUEUE", kRight},
                   {"DROPS", kRight, 0, kRare},
                   {"PROCESS", false, 10},
                   {"USER", false, 4},
                   {"UNIT", false, 8},
                   {"BEFORE", false, 8, kRare}});
  for (const Listener& l : list) {
    const std::string_view protocol = row_of(l.protocol).id;
    const bool stream = l.protocol == Protocol::unix_stream;
    const auto number = static_cast<std::size_t>(&l - list.data());
    table.row({labels.empty() ? std::string() : labels[number], std::string(word_of(l.change)),
               std::string(stream ? "unix" : l.protocol == Protocol::unix_seqpacket ? "unix_seq" : protocol),
               l.family == Family::unix_domain ? "" : std::to_string(l.local.port), l.service, listener_address(l),
               queue_text(l), l.drops.value_or(0) != 0 ? std::to_string(*l.drops) : "", process_text(l),
               !l.user.empty() ? l.user : l.uid ? std::to_string(*l.uid) : "?", workload_text(env, l, numeric),
               l.before});
  }
  const Terminal& terminal = env.terminal;
  table.print(env.out, terminal.is_tty ? static_cast<std::size_t>(std::max(terminal.columns, 0)) : 0);
}

// ---- what is missing ----

/// "12 of 40 listeners without a visible owner: no permission to look at 37 processes"; empty if all are visible.
std::string unknown_text(const Listeners& found) {
  if (found.unknown == 0) return {};
  return fmt::format("{} of {} listeners without a visible owner{}{}", found.unknown, found.list.size(),
                     found.owners.incomplete() || found.owners.may_hide ? ": " : "", reasons(found.owners));
}

/// Reports everything that the list lacks, once for each way of output. True if the status must say so.
class Report {
 public:
  Report(Environment& env, JsonDocument* document) : env_(env), document_(document) {}

  void answers(const std::vector<TableAnswer>& answers) {
    for (const TableAnswer& a : answers) {
      if (!a.missing) continue;
      incomplete_ = true;
      if (document_ != nullptr) document_->note(a.answer.coverage, a.name);
      env_.err.line(fmt::format("{}: {}: incomplete: {}", kTitle, a.name, why_missing(a)));
    }
  }
  void owners(const Listeners& found) {
    if (found.owners.lost()) {
      incomplete_ = true;
      env_.err.line(owners_line(kTitle, found.owners, found.unknown));
    }
    problem("read owners", "/proc/PID/fd", unknown_text(found), found.unknown, !found.owners.lost());
  }
  void problem(std::string_view operation, std::string_view object, const std::string& what, std::uint64_t sockets,
               bool line) {
    if (what.empty()) return;
    if (document_ != nullptr) document_->note(operation, object, what, sockets);
    else if (line) env_.err.line(fmt::format("{}: {}", kTitle, what));
  }
  void set_incomplete() { incomplete_ = true; }
  bool incomplete() const { return incomplete_; }

 private:
  Environment& env_;
  JsonDocument* document_;  ///< may be null
  bool incomplete_ = false;
};

// ---- baselines ----

/// Whether the listing is asked for an entry of the baseline.
bool is_asked(const ListenerRequest& request, const BaselineEntry& entry) {
  const Listener l = listener_of(entry);
  if (!request.protocols.has(l.protocol)) return false;
  return l.family == Family::unix_domain || request.families.has(l.family);
}

/// Replaces the list by what differs. Returns for how many listeners the owner could not be compared.
std::uint64_t keep_differences(Environment& env, const ListenerRequest& request, Baseline before,
                               std::vector<Listener>& list) {
  std::erase_if(before.entries, [&](const BaselineEntry& e) { return !is_asked(request, e); });
  const BaselineComparison compared = compare(before, baseline_of(env, list));
  std::vector<Listener> differing;
  for (const BaselineDifference& d : compared.differences) {
    const bool gone = d.change == ListenerChange::gone;
    Listener& l = differing.emplace_back(gone ? listener_of(before.entries[d.before]) : std::move(list[d.now]));
    l.change = d.change;
    if (d.change == ListenerChange::changed) l.before = owner_text(before.entries[d.before]);
    if (gone && request.names && l.uid) l.user = env.names.user(*l.uid);
  }
  list = std::move(differing);
  return compared.not_compared;
}

int write(Environment& env, const Request& request, Via via) {
  if (env.secure) throw UsageError("--write-baseline is " + std::string(kOnlyShows), kUsageStatus);
  for (std::size_t i = 0; i < kViewOptions; ++i)
    if (const auto option = static_cast<ViewOption>(i); request.view.given(option))
      throw UsageError(fmt::format("--{}: --write-baseline lists nothing", name_of(option)), kUsageStatus);
  if (!request.protocols.empty() || !request.families.empty() || request.numeric)
    throw UsageError("-t, -u, -x, -4, -6 and -n: --write-baseline always writes every listener", kUsageStatus);
  if (request.numeric) throw UsageError("-n: --write-baseline always writes numbers", kUsageStatus);
  if (request.baseline) throw UsageError("--baseline and --write-baseline exclude each other", kUsageStatus);
  const Listeners found = read_listeners(env, via, {});
  Report report(env, nullptr);
  report.answers(found.answers);
  report.owners(found);
  if (report.incomplete()) {
    env.err.line(fmt::format("{}: {}: not written, because the list is incomplete", kTitle, *request.write_baseline));
    return kFound;
  }
  const Host host = host_of(env);
  const std::string text = text_of(baseline_of(env, found.list),
                                   fmt::format("host {}, {}", host.hostname, time_text(wall_time_ns(env))));
  write_baseline(env, *request.write_baseline, text);
  if (*request.write_baseline != "-")
    env.err.line(fmt::format("{}: {}: {} listeners", kTitle, *request.write_baseline, found.list.size()));
  return 0;
}

// ---- the listing ----

ListenerRequest listener_request(const Request& request) {
  ListenerRequest wanted;
  const bool families = !request.families.empty();
  if (families) wanted.families = request.families;
  if (!request.protocols.empty()) wanted.protocols = request.protocols;
  else if (families) wanted.protocols = kTcpProtocols | kUdp;
  wanted.names = !request.numeric;
  return wanted;
}

/// Of a table that --columns=+ID changes.
constexpr std::string_view kTableColumns[] = {"protocol", "port",  "service", "address", "name", "queue",
                                              "backlog",  "drops", "process", "pid",     "user", "workload"};

/// The listeners of every place. Processes are read once for all network namespaces: a socket has its inode in none but
/// one.
int list_everywhere(Environment& env, const Request& request, const ViewPlan& plan, Via via) {
  const auto found_places = places_of(env, request.view.all_netns);
  EachPlace& places = *found_places;
  std::optional<RecordView> view;
  if (plan.json != JsonStyle::document) print_times(env, kTitle, places, !plan.replaces());
  if (plan.replaces()) {
    const ColumnSet& set = placed_column_set<Listener>(places.kind());
    view.emplace(places.env(), kTitle, plan, set, "listeners", via, kTableColumns);
  }
  EverywhereReport report(env, kTitle, view ? &*view : nullptr);
  OwnerIndex owners;
  OwnerCoverage coverage;
  ListenerRequest wanted = listener_request(request);
  wanted.owners = &owners;
  if (!places.per_host()) owners = read_owners(env, {});
  std::vector<Placed<Listener>> all;
  Listeners sum;
  places.run(via, [&](Environment& inside, Via from) {
    if (places.per_host()) owners = read_owners(inside, {});
    Listeners found = read_listeners(inside, from, wanted);
    if (places.per_host()) coverage.add(owners.coverage());
    report.answers(found.answers, places.get().label);
    for (Listener& l : found.list) all.push_back({std::move(l), &places.get()});
    sum.unknown += found.unknown;
  });
  report.places(places, wanted.protocols);
  sum.owners = places.per_host() ? coverage : owners.coverage();
  if (!places.per_host()) sum.owners.may_hide = !sees_every_process(env.proc);
  sum.list.resize(all.size());  // for their number
  if (sum.owners.lost()) report.tell("read owners", "/proc/PID/fd", unknown_text(sum));
  else if (const std::string text = unknown_text(sum); !text.empty()) env.err.line(fmt::format("{}: {}", kTitle, text));
  choose_records(plan, all);
  plan.note_missing(report.incomplete());
  if (view) {
    view->print_all(all);
    return view->finish(report.incomplete() ? kFound : 0);
  }
  std::vector<Listener> list;
  std::vector<std::string> labels;
  for (Placed<Listener>& placed : all) {
    labels.push_back(placed.place->label);
    list.push_back(std::move(placed.record));
  }
  print_text(env, list, request.numeric, labels);
  return status_of_text(env, kTitle, plan, report.incomplete() ? kFound : 0, report.incomplete());
}

int list(Environment& env, const Request& request, const ViewPlan& plan, Via via, std::optional<Baseline> before) {
  const ListenerRequest wanted = listener_request(request);
  Listeners found = read_listeners(env, via, wanted);
  std::optional<RecordView> view;
  if (plan.replaces())
    view.emplace(env, kTitle, plan, record_column_set<Listener>(), "listeners", via, kTableColumns);
  Report report(env, plan.json == JsonStyle::document ? &view->document() : nullptr);
  report.answers(found.answers);
  report.owners(found);
  const std::size_t all = found.list.size();
  if (before) {
    if (const std::uint64_t hidden = keep_differences(env, wanted, std::move(*before), found.list)) {
      report.set_incomplete();
      report.problem("compare owners", *request.baseline,
                     fmt::format("{} listeners whose owner could not be compared with {}", hidden, *request.baseline),
                     hidden, true);
    }
  }
  choose_records(plan, found.list);
  const bool differs = before && !found.list.empty();
  int status = differs || report.incomplete() ? kFound : 0;
  if (view) {
    view->print_all(found.list);
    plan.note_missing(report.incomplete());
    const bool counts = report.incomplete() || (differs && !plan.fails());
    return view->finish(counts ? kFound : 0);
  }
  if (before && found.list.empty() && status == 0)
    env.out.append(fmt::format("{} listeners, none new, gone or changed\n", all));
  else if (!before || differs) print_text(env, found.list, request.numeric);
  return status_of_text(env, kTitle, plan, status, report.incomplete());
}

int run(Environment& env, const Request& asked, std::span<const std::string>) {
  Request request = asked;
  const Via via = choose_via(request.via, env.variables);
  choose_owners(env, request.owners);
  const bool everywhere = lists_places(env, request.view.all_netns);
  if (request.baseline || request.write_baseline) require_one_host(env, "a baseline");
  if (everywhere && (request.baseline || request.write_baseline))
    throw UsageError("--all-netns: a baseline is of one network namespace", kUsageStatus);
  if (request.write_baseline) return write(env, request, via);
  const ColumnSet& set = everywhere ? placed_column_set<Listener>(place_kind(env)) : record_column_set<Listener>();
  const ViewPlan plan(env, request.view, set);
  if (plan.help) return env.out.append(columns_help(set)), 0;
  std::optional<Baseline> before;
  if (request.baseline) before = read_baseline(env, *request.baseline);
  const auto pass = [&](Environment& shown, const ViewPlan& chosen) {
    return everywhere ? list_everywhere(shown, request, chosen, via) : list(shown, request, chosen, via, before);
  };
  if (!request.view.watch) return pass(env, plan);
  const auto toggle_names = [&] { request.numeric = !request.numeric; };
  return repeat_listing(env, request.view, {set, via, pass, toggle_names});
}

}  // namespace
}  // namespace listen

constinit const Command kListen = command_of<listen::options, listen::run>({
    .title = listen::kTitle,
    .summary = "inventory of listeners; what is new, gone or changed since a baseline",
    .description = "Lists TCP, MPTCP and UNIX listeners and bound UDP sockets with the program, user and unit behind "
                   "them.\n"
                   "Exit status: 0 complete and as --baseline says, 1 rows are missing or a listener differs, 2 usage\n"
                   "error, 3 could not look.",
    .failure_status = 3,
    .shows_host = true,
    .shows_hosts = true,
});

}  // namespace duostat::command
