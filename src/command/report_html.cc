// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>

#include "src/command/listener_text.h"
#include "src/command/report_text.h"
#include "src/command/state_rows.h"
#include "src/insight/rule_parts.h"
#include "src/render/html.h"
#include "src/render/svg.h"
#include "src/view/finding_columns.h"

namespace duostat::command {
namespace {

std::string count_label(double value) { return fmt::format("{:g}", value); }

std::string host_and_time(const ReportData& data) { return fmt::format("{}, at {}", host_text(data), data.time); }

/// The first colour of the charts (html_style.h). Each list of totals has the one of its place.
constexpr unsigned kFirstColour = 1;
constexpr bool kCounts = true;

/// The part of a page that is about one network namespace.
class Part {
 public:
  /// `prefix`: of the ids of its elements.
  Part(Environment& env, HtmlPage& page, const ReportData& data, std::string prefix)
      : env_(env), page_(page), data_(data), prefix_(std::move(prefix)) {}

  void write() {
    for (const ReportProblem& p : data_.problems) page_.notice(fmt::format("Incomplete: {}: {}", p.object, p.error));
    findings();
    states();
    listeners();
    for (unsigned colour = kFirstColour; const TotalList& list : data_.totals) totals(list, colour++);
    if (const std::string text = loopback_text(data_); !text.empty()) page_.soft(text + ".");
    if (const std::string hidden = hidden_text(data_); !hidden.empty()) page_.soft(hidden + ".");
    not_looked();
  }

 private:
  void findings() {
    page_.heading(prefix_ + "findings", "Findings");
    page_.paragraph(findings_text(data_));
    for (const Finding& f : data_.audit.findings) {
      const std::string owner = f.owner.name.empty() ? "" : fmt::format(" {} (pid {})", f.owner.name, f.owner.pid);
      page_.subheading(word_of(f.severity), word_of(f.severity),
                       fmt::format("{}{}{}", f.rule->id, owner, f.subject.empty() ? "" : ", " + f.subject));
      page_.begin_entries();
      page_.entry("Measured", f.values);
      page_.entry("Meaning", f.meaning);
      page_.entry("What to do", f.advice);
      std::string sockets;
      for (const EvidenceSocket& s : f.evidence.sockets())
        sockets.append(sockets.empty() ? "" : "; ").append(evidence_text(s));
      page_.entry("For example", sockets);
      page_.end_entries();
    }
  }

  void states() {
    page_.heading(prefix_ + "states", "Sockets by state");
    svg::BarChart chart{{prefix_ + "states-chart", "Sockets by protocol and state", ""}, count_label, {}, kCounts};
    for (const StateCount& r : data_.states) {
      if (!r.sockets) continue;
      const std::string name = shown_table(r) + " " + shown_state(r.state);
      const std::string value = std::to_string(*r.sockets);
      chart.bars.push_back({name, value, {{name, kFirstColour, static_cast<double>(*r.sockets), value}}, {}});
      chart.caption.description += fmt::format("{}: {}. ", name, value);
    }
    if (chart.bars.empty()) return page_.paragraph("There are no sockets.");
    page_.figure(draw(chart));
    std::string host;
    for (const StateCount& r : data_.states)
      if (r.host)
        host += fmt::format("{}{} {} {}", host.empty() ? "" : ", ", row_of(r.protocol).id, r.state, *r.host);
    if (!host.empty()) page_.soft(fmt::format("Of the whole host: {} (sockets; mem: pages).", host));
  }

  void listeners() {
    page_.heading(prefix_ + "listeners", "Listeners");
    page_.paragraph(
        fmt::format("{}, {} of them on all addresses.", counted(data_.listening, "listener"), data_.exposed));
    if (data_.listeners.empty()) return;
    page_.begin_table("Those with a waiting queue first",
                      {"", "port", of_words("address"), "queue", of_words("process"), of_words("unit")});
    for (const Listener& l : data_.listeners)
      page_.row({std::string(row_of(l.protocol).id), std::to_string(l.local.port), listener_address(l), queue_text(l),
                 process_text(l), workload_text(env_, l, false)});
    page_.end_table();
  }

  void totals(const TotalList& list, unsigned colour) {
    page_.heading(prefix_ + std::string(list.section), list.title);
    if (list.rows.empty()) return page_.paragraph("There are no connections.");
    svg::BarChart chart{
        {fmt::format("{}{}-chart", prefix_, list.section), fmt::format("Connections by {}", list.name_title), ""},
        count_label,
        {},
        kCounts};
    for (const Totals::Row& row : list.rows) {
      const std::string value = std::to_string(row.total.sockets);
      chart.bars.push_back({row.name, value, {{row.name, colour, static_cast<double>(row.total.sockets), value}}, {}});
      chart.caption.description += fmt::format("{}: {}. ", row.name, value);
    }
    page_.figure(draw(chart));
    page_.begin_table("Bytes are those of open connections, since each began",
                      {std::string(list.name_title), "connections", "sent", "received", "retransmitted"});
    for (const Totals::Row& row : list.rows)
      page_.row({row.pid != 0 ? fmt::format("{} {}", row.name, row.pid) : row.name, std::to_string(row.total.sockets),
                 sent_text(row.total), received_text(row.total), retransmitted_text(row.total)});
    page_.end_table();
  }

  void not_looked() {
    if (data_.audit.not_looked.empty() && data_.audit.remarks.empty()) return;
    page_.heading(prefix_ + "not-looked-at", "What was not looked at");
    page_.begin_entries();
    for (const NotLooked& n : data_.audit.not_looked)
      page_.entry(n.rule->id, (n.in_part ? "in part: " : "") + n.reason);
    for (const std::string& remark : data_.audit.remarks) page_.entry("all rules", remark);
    page_.end_entries();
  }

  Environment& env_;
  HtmlPage& page_;
  const ReportData& data_;
  std::string prefix_;
};

}  // namespace

void write_report_html(Environment& env, Output& out, std::span<const ReportData> reports, std::string_view times,
                       std::span<const std::string> lacks) {
  if (reports.empty()) return;
  const ReportData& first = reports.front();
  HtmlPage page(out);
  const bool hosts = first.place && kind_of(*first.place) == PlaceKind::host;
  const std::string about = hosts ? counted(reports.size(), "host") : first.host.hostname;
  page.begin("duostat report: " + about, "Sockets of " + about);
  if (!hosts) page.soft(host_and_time(first));
  if (!times.empty()) page.soft(times);
  for (const std::string& text : lacks) page.notice("Incomplete: " + text);
  const bool parts = first.place.has_value();
  if (!parts) {
    Part(env, page, first, {}).write();
    return page.end();
  }
  const auto prefix_of = [&](const ReportData& data) {
    return fmt::format("{}-{}-", words_of(kind_of(*first.place)).column, &data - reports.data() + 1);
  };
  const auto title_of = [&](const ReportData& data) {
    return (hosts ? "Host " : "Network namespace ") + data.place->label;
  };
  std::vector<HtmlPage::Link> links;
  for (const ReportData& data : reports)
    links.push_back({prefix_of(data) + "part", title_of(data),
                     fmt::format("{}, {}", findings_text(data), counted(data.listening, "listener"))});
  page.contents(links);
  for (const ReportData& data : reports) {
    page.part(prefix_of(data) + "part", title_of(data));
    if (hosts) page.soft(host_and_time(data));
    Part(env, page, data, prefix_of(data)).write();
  }
  page.end();
}

}  // namespace duostat::command
