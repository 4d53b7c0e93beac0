// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/closed_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "src/collect/closed_sockets.h"
#include "src/collect/facts.h"
#include "src/collect/namespaces.h"
#include "src/command/text_table.h"
#include "src/names/workload.h"
#include "src/procfs/process.h"
#include "src/view/fail_if.h"
#include "src/view/record_view.h"

namespace duostat::command {
namespace {

using Number = std::optional<std::int64_t>;

Number number_of(const Facts& facts, Fact fact) {
  const auto value = facts.get(fact);
  return value ? Number(static_cast<std::int64_t>(*value)) : std::nullopt;
}

/// TCP sockets that other network namespaces have in use.
struct Others {
  Number inuse;             ///< nullopt: not every namespace could be read
  std::size_t namespaces = 0;
};

Others read_others(Environment& env) {
  constexpr FactSet kInuse{Fact::tcp_inuse, Fact::tcp6_inuse};
  const NetworkNamespaces spaces = find_network_namespaces(env.proc);
  Others others;
  bool whole = spaces.complete();
  std::int64_t sum = 0;
  for (const NetworkNamespace& space : spaces.list) {
    if (space.own) continue;
    ++others.namespaces;
    const std::string refused = read_in_namespace(env, space, [&](Environment& inside, bool) {
      const Facts facts = read_facts(inside.proc, kInuse);
      const Number four = number_of(facts, Fact::tcp_inuse);
      if (four) sum += *four + number_of(facts, Fact::tcp6_inuse).value_or(0);
      else whole = false;
    });
    if (!refused.empty()) whole = false;
  }
  if (whole) others.inuse = sum;
  return others;
}

class Figures {
 public:
  explicit Figures(Environment& env) : env_(env) {}

  std::vector<ClosedCount> read() {
    constexpr FactSet kFacts{Fact::tcp_alloc, Fact::tcp_inuse, Fact::tcp6_inuse, Fact::tcp_time_wait};
    const Facts facts = read_facts(env_.proc, kFacts);
    const Number alloc = number_of(facts, Fact::tcp_alloc), four = number_of(facts, Fact::tcp_inuse);
    const Number six = number_of(facts, Fact::tcp6_inuse), tw = number_of(facts, Fact::tcp_time_wait);
    add("alloc", alloc, "sockets in memory, of the whole host (/proc/net/sockstat, TCP: alloc)");
    add("inuse4", four, "IPv4 sockets in the tables of this network namespace (TCP: inuse)");
    add("inuse6", six, "IPv6 sockets in them (/proc/net/sockstat6, TCP6: inuse)");
    add("tw", tw, "in TIME-WAIT in this network namespace, without memory of a socket (TCP: tw)");
    Number closed;
    if (alloc && four && tw) closed = *alloc - (*four + six.value_or(0) - *tw);
    add("closed", closed, "as ss -s prints it: alloc - (inuse4 + inuse6 - tw), so TIME-WAIT is in it");
    initial_ = in_initial_network_namespace(env_.proc);
    if (initial_ != true || !alloc || !four) return std::move(rows_);
    const Others others = env_.recorded ? Others{} : read_others(env_);
    add("inuse_elsewhere", others.inuse,
        fmt::format("in the tables of {} other network namespaces", others.namespaces));
    Number without;
    if (others.inuse) without = *alloc - *four - six.value_or(0) - *others.inuse;
    add("without_connection", without, "alloc - inuse4 - inuse6 - inuse_elsewhere: sockets in no table");
    return std::move(rows_);
  }
  std::optional<bool> initial() const { return initial_; }

 private:
  void add(std::string figure, Number value, std::string meaning) {
    ClosedCount row;
    row.figure = std::move(figure);
    row.value = value;
    row.meaning = std::move(meaning);
    rows_.push_back(std::move(row));
  }

  Environment& env_;
  std::vector<ClosedCount> rows_;
  std::optional<bool> initial_;
};

void print_text(Environment& env, const std::vector<ClosedCount>& rows, std::optional<bool> initial) {
  const std::size_t width =
      env.terminal.is_tty ? static_cast<std::size_t>(std::max(env.terminal.columns, 0)) : 0;
  TextTable figures({{"FIGURE"}, {"VALUE", true}, {"MEANING", false, 20}});
  TextTable processes({{"PROCESS", false, 10}, {"PID", true}, {"CLOSED", true}, {"DESCRIPTORS", true},
                       {"UNIT", false, 10}});
  bool any = false;
  for (const ClosedCount& r : rows) {
    if (!r.figure.empty()) {
      figures.row({r.figure, r.value ? std::to_string(*r.value) : "unknown", r.meaning});
      continue;
    }
    any = true;
    processes.row({r.process, std::to_string(r.pid.value_or(0)), std::to_string(r.closed.value_or(0)),
                   std::to_string(r.descriptors.value_or(0)), r.workload});
  }
  figures.print(env.out, width);
  if (initial == false)
    env.out.append("\nIn a child network namespace \"closed\" means nothing: alloc is of the whole host, inuse and tw "
                   "are not.\n");
  if (!initial)
    env.out.append("\nWhether this is the initial network namespace is unknown: in a child, \"closed\" means "
                   "nothing.\n");
  env.out.append('\n');
  if (any) processes.print(env.out, width);
}

/// Lists unread processes and sockets; empty if all were read.
std::string missing(const ClosedSockets& found) {
  if (!found.cannot.empty()) return "cannot tell which processes hold such sockets: " + found.cannot;
  std::string text;
  const auto add = [&](std::uint64_t n, std::string_view why) {
    if (n == 0) return;
    text += fmt::format("{}{} process{} not looked at: {}", text.empty() ? "" : "; ", n, n == 1 ? "" : "es", why);
  };
  add(found.denied, "no permission");
  add(found.unread, "unreadable");
  add(found.not_looked_at, "too many descriptors");
  return text;
}

}  // namespace

int print_closed(Environment& env, std::string_view title, const ViewRequest& request) {
  const ColumnSet& set = record_column_set<ClosedCount>();
  const ViewPlan plan(env, request, set);
  if (plan.help) return env.out.append(columns_help(set)), 0;
  Figures figures(env);
  std::vector<ClosedCount> rows = figures.read();
  const ClosedSockets found = find_closed_sockets(env);
  Processes processes(env.proc, {ProcessField::workload});
  for (const ClosedSocketHolder& h : found.holders) {
    ClosedCount row;
    row.pid = h.pid;
    row.process = h.comm;
    row.closed = h.closed;
    row.descriptors = h.descriptors;
    if (const Process& process = processes.of(h.pid); process.workload) row.workload = display_text(*process.workload);
    rows.push_back(std::move(row));
  }
  choose_records(plan, rows);
  const std::string lacks = missing(found);
  constexpr int kIncomplete = 1;
  const bool incomplete = !found.cannot.empty() || found.unread != 0 || found.not_looked_at != 0;
  if (plan.replaces()) {
    plan.note_missing(found.denied != 0);
    RecordView view(env, title, plan, set, "closed_sockets", Via::automatic);
    if (incomplete) view.note("find", "closed sockets", lacks);
    else if (!lacks.empty() && plan.json == JsonStyle::document) view.document().note("find", "closed sockets", lacks);
    else if (!lacks.empty()) env.err.line(fmt::format("{}: {}", title, lacks));
    view.print_all(rows);
    return view.finish();
  }
  print_text(env, rows, figures.initial());
  if (found.cannot.empty() && found.holders.empty())
    env.out.append("No process that could be looked at holds a TCP socket without a connection.\n");
  if (!lacks.empty()) env.err.line(fmt::format("{}: {}", title, lacks));
  return status_of_text(env, title, plan, incomplete ? kIncomplete : 0, incomplete || found.denied != 0);
}

}  // namespace duostat::command
