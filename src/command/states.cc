// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/states.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "src/base/error.h"
#include "src/bench/text.h"
#include "src/collect/facts.h"
#include "src/collect/namespaces.h"
#include "src/collect/recorded_host.h"
#include "src/collect/shown_host.h"
#include "src/collect/state_counts.h"
#include "src/command/closed_report.h"
#include "src/command/scaffold.h"
#include "src/command/text_table.h"
#include "src/view/fail_if.h"
#include "src/view/record_view.h"

namespace duostat::command {
namespace {

constexpr std::string_view kTitle = "duostat states";
constexpr int kIncomplete = 1;  ///< exit status

struct Request {
  ProtocolSet protocols{};
  FamilySet families{};
  bool closed = false;
  std::optional<std::string> via, from;
  ViewRequest view;
};

constexpr ProtocolSet kTcp{Protocol::tcp, Protocol::mptcp}, kUdp{Protocol::udp, Protocol::udplite};
constexpr ProtocolSet kAll = [] {
  ProtocolSet all;
  for (const ProtocolRow& row : kProtocols) all.add(row.protocol);
  return all;
}();

template <auto member>
void set_text(Request& r, std::string_view value) {
  r.*member = std::string(value);
}

constexpr std::string_view kCounted = "What is counted";
constexpr std::array<Option<Request>, 8> kOwn{{
    {'t', "tcp", "", "TCP and MPTCP", [](Request& r, auto) { r.protocols = r.protocols | kTcp; }, kCounted},
    {'u', "udp", "", "UDP and UDP-Lite", [](Request& r, auto) { r.protocols = r.protocols | kUdp; }, kCounted},
    {'x', "unix", "", "UNIX", [](Request& r, auto) { r.protocols = r.protocols | kUnixProtocols; }, kCounted},
    {'4', "ipv4", "", "IPv4 only", [](Request& r, auto) { r.families.add(Family::inet); }, kCounted},
    {'6', "ipv6", "", "IPv6 only", [](Request& r, auto) { r.families.add(Family::inet6); }, kCounted},
    {0, "closed", "", "TCP sockets without a connection, and the processes that hold them",
     [](Request& r, auto) { r.closed = true; }, kCounted},
    {0, "via", "auto|procfs|netlink", "where sockets are read from", set_text<&Request::via>, kCounted},
    {0, "from", "FILE", "show the host that `duostat capture` recorded", set_text<&Request::from>, kCounted},
}};
constexpr auto kOptions = join_rows(kOwn, list_options<Request>());
static_assert(letters_unique(kOptions));
std::span<const Option<Request>> options() { return kOptions; }

// ---- counts ----

class NoHolders final : public Holders {
 public:
  void each(std::uint64_t, FunctionRef<bool(const Owner&)>) const override {}
  Owner first(std::uint64_t) const override { return {}; }
  const Process& process(std::uint32_t) const override { return none_; }

 private:
  Process none_;
};

/// The word of the column `state` for a socket in this state.
std::string_view state_word(ColumnContext& context, const SocketCount& count) {
  Socket socket;
  socket.protocol = count.protocol;
  socket.family = count.family;
  socket.state = count.state;
  if (count.association) {
    socket.remote.port = 1;
    socket.present.add(Field::cookie);
  }
  const Value value = find_column("state").column->value(context, socket);
  return value.is_text() ? value.text() : "unknown";
}

std::vector<StateCount> rows_of(Environment& env, const SocketCounts& counts) {
  const NoHolders holders;
  CgroupPaths cgroups = cgroups_of(env);
  ColumnContext context{env.names, cgroups, holders};
  std::array<std::uint64_t, static_cast<std::size_t>(Protocol::count_)> totals{};
  for (const SocketCount& c : counts.list) totals[static_cast<std::size_t>(c.protocol)] += c.sockets;
  std::vector<StateCount> rows;
  for (const SocketCount& c : counts.list) {
    const auto total = static_cast<double>(totals[static_cast<std::size_t>(c.protocol)]);
    rows.push_back({c.protocol, c.family, state_word(context, c), c.sockets,
                    100.0 * static_cast<double>(c.sockets) / total, {}});
  }
  return rows;
}

struct HostNumber {
  Fact fact;
  Protocol protocol;
  std::string_view word, text;  ///< in JSON; in the text
};
constexpr HostNumber kHostNumbers[] = {
    {Fact::tcp_alloc, Protocol::tcp, "alloc", "TCP sockets in memory"},
    {Fact::tcp_orphan, Protocol::tcp, "orphan", "of them without a process (orphans)"},
    {Fact::tcp_mem, Protocol::tcp, "mem", "pages of TCP buffers"},
    {Fact::udp_mem, Protocol::udp, "mem", "pages of UDP buffers"},
};

void add_host_numbers(Environment& env, ProtocolSet protocols, std::vector<StateCount>& rows) {
  FactSet wanted;
  for (const HostNumber& row : kHostNumbers)
    if (protocols.has(row.protocol)) wanted.add(row.fact);
  const Facts facts = read_facts(env.proc, wanted);
  for (const HostNumber& row : kHostNumbers)
    if (const auto number = facts.get(row.fact)) rows.push_back({row.protocol, {}, row.word, {}, {}, *number});
}

// ---- text ----

/// ss's word for a state.
std::string shown_state(std::string_view word) {
  constexpr struct {
    std::string_view word, text;
  } kExceptions[] = {{"established", "ESTAB"}, {"close", "UNCONN"}, {"fin_wait1", "FIN-WAIT-1"},
                     {"fin_wait2", "FIN-WAIT-2"}};
  for (const auto& row : kExceptions)
    if (row.word == word) return std::string(row.text);
  std::string text(word);
  for (char& c : text) c = c == '_' ? '-' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string shown_protocol(Protocol protocol) {
  std::string text(row_of(protocol).id);
  for (char& c : text) c = c == '_' ? '-' : c;
  return text;
}

/// Bars behind the lines of the table: a full one is 100 %.
class Bars {
 public:
  explicit Bars(Environment& env) : env_(env), utf8_(bench::wants_utf8(env.variables)) {
    const auto no_colour = env.variables.get("NO_COLOR");
    colour_ = !no_colour || no_colour->empty();
  }

  void print(std::string_view table, const std::vector<StateCount>& rows) {
    std::size_t widest = 0, n = 0;
    each_line(table, [&](std::string_view line) { widest = std::max(widest, displayed(line)); });
    const auto columns = static_cast<std::size_t>(std::max(env_.terminal.columns, 0));
    constexpr std::size_t kLeast = 5, kMost = 50;
    const std::size_t room = columns > widest + 1 ? std::min(columns - widest - 1, kMost) : 0;
    each_line(table, [&](std::string_view line) {
      env_.out.append(line);
      if (n != 0 && room >= kLeast) bar(line, widest, room, rows[n - 1].share.value_or(0));
      env_.out.append('\n');
      ++n;
    });
  }

 private:
  template <class Each>
  static void each_line(std::string_view text, Each&& each) {
    while (!text.empty()) {
      const auto end = text.find('\n');
      each(text.substr(0, end));
      text.remove_prefix(end + 1);
    }
  }

  void bar(std::string_view line, std::size_t widest, std::size_t room, double share) {
    const auto size = std::max<std::size_t>(1, static_cast<std::size_t>(share * static_cast<double>(room) / 100 + 0.5));
    env_.out.append(widest + 1 - displayed(line), ' ');
    if (colour_) env_.out.append("\x1b[36m");
    for (std::size_t i = 0; i < size; ++i) env_.out.append(utf8_ ? "\xe2\x96\x88" : "#");
    if (colour_) env_.out.append("\x1b[0m");
  }

  Environment& env_;
  bool utf8_, colour_ = false;
};

void print_host_numbers(Environment& env, const std::vector<StateCount>& rows) {
  std::string text;
  for (const StateCount& r : rows) {
    if (!r.host) continue;
    for (const HostNumber& n : kHostNumbers)
      if (n.word == r.state && n.protocol == r.protocol)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", *r.host, n.text);
  }
  if (text.empty()) return;
  const bool child = in_initial_network_namespace(env.proc) == false;
  env.out.append(fmt::format("of the whole host{}: {}\n", child ? ", not of this network namespace" : "", text));
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

/// True if some table is incomplete; each is reported.
bool report(Environment& env, RecordView* view, const std::vector<TableAnswer>& answers) {
  bool incomplete = false;
  for (const TableAnswer& a : answers) {
    if (!a.missing) continue;
    incomplete = true;
    const Coverage& coverage = a.answer.coverage;
    const std::string why = coverage.error != 0 ? error_text(coverage.error) : "it changed while it was read";
    if (view != nullptr) view->note("list", a.name, why);
    else env.err.line(fmt::format("{}: {}: incomplete: {}", kTitle, a.name, why));
  }
  return incomplete;
}

int count(Environment& env, const Request& request) {
  const Via via = choose_via(request.via ? std::optional<std::string_view>(*request.via) : std::nullopt, env.variables);
  const ColumnSet& set = record_column_set<StateCount>();
  const ViewPlan plan(env, request.view, set);
  if (plan.help) return env.out.append(columns_help(set)), 0;
  const bool families = !request.families.empty();
  const ProtocolSet protocols =
      !request.protocols.empty() ? request.protocols : families ? kInetProtocols : kAll;
  const SocketCounts counts =
      count_sockets(env, via, protocols, families ? request.families : FamilySet{Family::inet, Family::inet6});
  std::vector<StateCount> rows = rows_of(env, counts);
  add_host_numbers(env, protocols, rows);
  choose_records(plan, rows);
  if (plan.replaces()) {
    RecordView view(env, kTitle, plan, set, "states", via);
    report(env, &view, counts.answers);
    view.print_all(rows);
    return view.finish();
  }
  const bool incomplete = report(env, nullptr, counts.answers);
  print_text(env, rows, counts.subflows);
  return status_of_text(env, kTitle, plan, incomplete ? kIncomplete : 0, incomplete);
}

int show(Environment& env, const Request& request) {
  if (!request.closed) return count(env, request);
  if (!request.protocols.empty() || !request.families.empty() || request.via)
    throw UsageError("--closed is about TCP over both families, by netlink: leave -t, -u, -x, -4, -6 and --via out",
                     kUsageStatus);
  return print_closed(env, kTitle, request.view);
}

int run(Environment& env, const Request& request, std::span<const std::string>) {
  if (!request.from) return show(env, request);
  return with_recorded_host(env, *request.from, [&](Environment& shown) { return show(shown, request); });
}

}  // namespace

constinit const Command kStates = command_of<options, run>({
    .title = kTitle,
    .summary = "count sockets by protocol, family and state",
    .description = "Counts the sockets of this network namespace. MPTCP connections and their subflows count once.",
    .failure_status = 3,
    .shows_host = true,
});

}  // namespace duostat::command
