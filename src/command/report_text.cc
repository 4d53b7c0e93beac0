// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/report_text.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/base/escape.h"
#include "src/bench/text.h"
#include "src/command/listener_text.h"
#include "src/command/state_rows.h"
#include "src/command/text_table.h"
#include "src/insight/rule_parts.h"

namespace duostat::command {

std::string sent_text(const Total& total) { return total.measured == 0 ? "-" : bytes_text(total.sent); }
std::string received_text(const Total& total) { return total.measured == 0 ? "-" : bytes_text(total.received); }

std::string retransmitted_text(const Total& total) {
  if (total.measured == 0 || total.sent == 0) return "-";
  return fmt::format("{:.1f} %", 100.0 * static_cast<double>(total.retransmitted) / static_cast<double>(total.sent));
}

std::string findings_text(const ReportData& data) {
  const std::array<std::size_t, 3> counts = count_by_severity(data.audit.findings);
  std::string text;
  const auto add = [&](std::uint64_t count, std::string_view one, std::string_view many) {
    if (count != 0) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, count == 1 ? one : many);
  };
  add(counts[2], "critical", "critical");
  add(counts[1], "warning", "warnings");
  add(counts[0], "note", "notes");
  if (text.empty()) text = "nothing found";
  const auto blind = static_cast<std::uint64_t>(
      std::ranges::count_if(data.audit.not_looked, [](const NotLooked& n) { return !n.in_part; }));
  if (blind != 0) text += fmt::format("; {} of {} rules could not look", blind, data.rules);
  return text;
}

std::string hidden_text(const ReportData& data) {
  std::string text;
  const auto add = [&](std::uint64_t hidden, std::uint64_t all, std::string_view what) {
    if (hidden != 0) text += fmt::format("{}{} of {}", text.empty() ? "" : " and ", hidden, counted(all, what));
  };
  add(data.hidden, data.connections, "connection");
  add(data.hidden_listeners, data.listening, "listener");
  if (text.empty()) return text;
  return text + (data.hidden + data.hidden_listeners == 1 ? " has no visible owner" : " have no visible owner") +
         (data.why_hidden.empty() ? "" : ": ") + data.why_hidden;
}

std::string loopback_text(const ReportData& data) {
  if (data.loopback == 0) return {};
  return fmt::format("{} of {} connections {} over loopback, where each end counts",
                     data.loopback, data.connections, data.loopback == 1 ? "is" : "are");
}

std::string host_text(const ReportData& data) {
  constexpr std::uint64_t kMilliseconds = 1000;
  std::string text = fmt::format("{}, Linux {} {}", data.host.hostname, data.host.kernel, data.host.machine);
  if (data.uptime_s) text += ", up " + duration_text(*data.uptime_s * kMilliseconds);
  return text;
}

namespace {

class Screen {
 public:
  Screen(Environment& env, const ReportData& data) : env_(env), data_(data) {
    constexpr int kUsual = 80, kLeast = 40;
    const Terminal& terminal = env.terminal;
    width_ = static_cast<std::size_t>(
        std::max(terminal.is_tty && terminal.columns > 0 ? terminal.columns : kUsual, kLeast));
    coloured_ = wants_colour(env);
    utf8_ = bench::wants_utf8(env.variables);
  }

  void all() {
    const std::string host = host_text(data_) + ", " + data_.time.substr(0, data_.time.find('.')) + "Z";
    const bool recorded = data_.place && kind_of(*data_.place) == PlaceKind::host;
    if (recorded)
      heading("HOST", host);
    else if (!data_.place || data_.place->own)
      line("HOST", host);
    if (data_.place && !recorded) heading("NETNS", data_.place->label);
    problems();
    findings();
    states();
    listeners();
    for (const TotalList& list : data_.totals) totals(list);
    if (const std::string text = loopback_text(data_); !text.empty()) put("(" + text + ")");
    if (const std::string hidden = hidden_text(data_); !hidden.empty()) put("(" + hidden + ")");
  }

 private:
  /// Prints a line that is cut at the width of the screen.
  void put(std::string_view text) {
    std::string scratch;
    env_.out.append(cut(without_controls(text, scratch), width_));
    env_.out.append('\n');
  }
  void heading(std::string_view word, std::string_view rest) {
    env_.out.append('\n');
    line(word, rest);
  }
  void line(std::string_view word, std::string_view rest) {
    std::string scratch;
    const std::string text = cut(without_controls(rest, scratch), width_ - std::min(width_, word.size() + 1));
    if (coloured_) env_.out.append("\x1b[1m");
    env_.out.append(word);
    if (coloured_) env_.out.append("\x1b[0m");
    env_.out.append(' ');
    env_.out.append(text);
    env_.out.append('\n');
  }

  void problems() {
    for (const ReportProblem& p : data_.problems) put(fmt::format("incomplete: {}: {}", p.object, p.error));
  }

  void findings() {
    heading("FINDINGS", findings_text(data_));
    constexpr std::size_t kMost = 6;
    TextTable table({{"SEVERITY"}, {"RULE"}, {"ABOUT", false, 12}, {"MEASURED", false, 20}});
    std::size_t shown = 0;
    for (const Finding& f : data_.audit.findings) {
      if (shown == kMost) break;
      ++shown;
      table.row({std::string(word_of(f.severity)), std::string(f.rule->id),
                 f.owner.name.empty() ? f.subject : fmt::format("{} {}", f.owner.name, f.owner.pid), f.values});
    }
    if (shown != 0) table.print(env_.out, width_);
    if (shown < data_.audit.findings.size())
      put(fmt::format("and {} more: duostat audit", data_.audit.findings.size() - shown));
    else if (shown != 0)
      put("evidence and advice: duostat audit");
  }

  void states() {
    std::uint64_t total = 0, most = 0;
    for (const StateCount& r : data_.states) {
      total += r.sockets.value_or(0);
      most = std::max(most, r.sockets.value_or(0));
    }
    heading("SOCKETS", fmt::format("{} in this network namespace", total));
    constexpr std::size_t kName = 34, kNumber = 9;
    const std::size_t room = width_ > kName + kNumber + 4 ? width_ - kName - kNumber - 2 : 0;
    for (const StateCount& r : data_.states) {
      if (!r.sockets) continue;
      const std::string name = fmt::format("  {:<15} {}", shown_table(r), shown_state(r.state));
      std::string bar;
      const auto size = most == 0 ? 0 : std::max<std::uint64_t>(1, *r.sockets * room / most);
      for (std::uint64_t i = 0; i < size && room != 0; ++i) bar += utf8_ ? "\xe2\x96\x88" : "#";
      put(fmt::format("{:<{}}{:>{}}  {}", name, kName, *r.sockets, kNumber, bar));
    }
  }

  void listeners() {
    heading("LISTENERS", fmt::format("{}, {} on all addresses", data_.listening, data_.exposed));
    if (data_.listeners.empty()) return;
    TextTable table({{"PROTO"}, {"PORT", true}, {"ADDRESS", false, 12}, {"QUEUE", true}, {"PROCESS", false, 10},
                     {"UNIT", false, 8}});
    for (const Listener& l : data_.listeners)
      table.row({std::string(row_of(l.protocol).id), std::to_string(l.local.port), listener_address(l), queue_text(l),
                 process_text(l), workload_text(env_, l, false)});
    table.print(env_.out, width_);
    if (data_.listening > data_.listeners.size())
      put(fmt::format("and {} more: duostat listen", data_.listening - data_.listeners.size()));
  }

  void totals(const TotalList& list) {
    std::string title(list.title);
    for (char& c : title) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    heading(title, list.rows.empty() ? "no connections" : fmt::format("of {} connections", data_.connections));
    if (list.rows.empty()) return;
    std::string name(list.name_title);
    for (char& c : name) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    TextTable table({{name, false, 16}, {"CONNECTIONS", true}, {"SENT", true}, {"RECEIVED", true},
                     {"RETRANSMITTED", true}});
    for (const Totals::Row& row : list.rows)
      table.row({row.pid != 0 ? fmt::format("{} {}", row.name, row.pid) : row.name, std::to_string(row.total.sockets),
                 sent_text(row.total), received_text(row.total), retransmitted_text(row.total)});
    table.print(env_.out, width_);
  }

  Environment& env_;
  const ReportData& data_;
  std::size_t width_ = 0;
  bool coloured_ = false, utf8_ = false;
};

}  // namespace

void print_report(Environment& env, const ReportData& data) { Screen(env, data).all(); }

}  // namespace duostat::command
