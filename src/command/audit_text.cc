// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/audit_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "src/base/display_width.h"
#include "src/base/escape.h"
#include "src/insight/rule_parts.h"
#include "src/view/finding_columns.h"

namespace duostat::command {
namespace {

struct Style {
  std::string_view begin, end;
};
constexpr Style kPlain{"", ""};
constexpr std::string_view kReset = "\x1b[0m";
constexpr Style kDim{"\x1b[2m", kReset};
/// Of each severity: bright red, yellow, blue.
constexpr Style kSeverityStyles[] = {{"\x1b[1;34m", kReset}, {"\x1b[1;33m", kReset}, {"\x1b[1;31m", kReset}};
constexpr std::string_view kSeverityWords[] = {"NOTE", "WARNING", "CRITICAL"};

class Page {
 public:
  explicit Page(Environment& env) : out_(env.out) {
    constexpr int kUsual = 80, kLeast = 40, kMost = 100;  // longer lines are hard to read
    const int columns = env.terminal.is_tty && env.terminal.columns > 0 ? env.terminal.columns : kUsual;
    width_ = static_cast<std::size_t>(std::clamp(columns, kLeast, kMost));
    coloured_ = wants_colour(env);
  }

  /// A paragraph: `head` (styled, at the left), then `text`, whose lines begin at column `indent` with `margin`.
  void paragraph(std::string_view head, std::string_view text, std::size_t indent, const Style& style = kPlain,
                 const Style& text_style = kPlain, std::string_view margin = {}) {
    line_.clear();
    styled(head, style);
    std::size_t column = display_width(head);
    if (column > indent) line_ += ' ', ++column;
    line_.append(column < indent ? indent - column : 0, ' ');
    line_.append(margin);
    column = std::max(column, indent) + margin.size();
    bool first = true;
    begin(text_style);
    each_word(text, [&](std::string_view word) {
      if (!first && column + 1 + display_width(word) > width_) {
        end(text_style);
        flush();
        line_.append(indent, ' ');
        line_.append(margin);
        begin(text_style);
        column = indent + margin.size();
        first = true;
      }
      if (!first) line_ += ' ', ++column;
      line_.append(word);
      column += display_width(word);
      first = false;
    });
    end(text_style);
    flush();
  }
  void blank() { out_.append('\n'); }

 private:
  template <class Visit>
  static void each_word(std::string_view text, Visit&& visit) {
    while (!text.empty()) {
      const auto blank = std::min(text.find(' '), text.size());
      if (blank != 0) visit(text.substr(0, blank));
      text.remove_prefix(std::min(blank + 1, text.size()));
    }
  }
  void begin(const Style& style) {
    if (coloured_) line_.append(style.begin);
  }
  void end(const Style& style) {
    if (coloured_) line_.append(style.end);
  }
  void styled(std::string_view text, const Style& style) {
    begin(style);
    line_.append(text);
    end(style);
  }
  void flush() {
    while (line_.ends_with(' ')) line_.pop_back();
    out_.append(line_);
    out_.append('\n');
    line_.clear();
  }

  Output& out_;
  std::size_t width_ = 0;
  bool coloured_ = false;
  std::string line_;
};

/// "nginx (pid 7, www-data, nginx.service)"
std::string owner_text(const FindingOwner& owner) {
  std::string inside;
  const auto add = [&](std::string_view text) {
    if (!text.empty()) inside.append(inside.empty() ? "" : ", ").append(text);
  };
  if (owner.pid == 0) return owner.user.empty() ? "" : "no process is visible; user " + owner.user;
  add(fmt::format("pid {}", owner.pid));
  add(owner.user);
  add(owner.unit);
  add(owner.container);
  return fmt::format("{} ({})", owner.name.empty() ? "?" : owner.name, inside);
}

void print_finding(Page& page, const Finding& f) {
  constexpr std::size_t kIndent = 2, kLabelled = 11;
  std::string scratch;
  const auto severity = static_cast<std::size_t>(f.severity);
  std::string head = fmt::format("{}: {}", f.rule->id, f.count);
  const std::string owner = owner_text(f.owner);
  if (!owner.empty()) head.append(", ").append(without_controls(owner, scratch));
  page.paragraph(kSeverityWords[severity], head, kLabelled - 1, kSeverityStyles[severity]);
  std::string values = f.subject;
  if (!f.values.empty()) values.append(values.empty() ? "" : ": ").append(f.values);
  if (f.age_ms) values += "; at least " + duration_text(*f.age_ms) + " old";
  if (f.hidden != 0 && f.owner.pid != 0)
    values += "; of " + counted(f.hidden, "more socket") + " the owner is not visible";
  page.paragraph("", without_controls(values, scratch), kIndent);
  for (const EvidenceSocket& socket : f.evidence.sockets()) page.paragraph("", evidence_text(socket), 4, kPlain, kDim);
  if (f.evidence.count() > f.evidence.sockets().size())
    page.paragraph("", fmt::format("and {} more (--all)", f.evidence.count() - f.evidence.sockets().size()), 4, kPlain,
                   kDim);
  page.paragraph("  Meaning", f.meaning, kLabelled);
  page.paragraph("  Advice", f.advice, kLabelled);
  page.blank();
}

std::string summary_line(const std::vector<Finding>& findings, const AuditOutcome& outcome) {
  const std::array<std::size_t, 3> counts = count_by_severity(findings);
  const std::string looks = outcome.looks == 1 ? "one look" : fmt::format("{} looks", outcome.looks);
  const std::string of = fmt::format("{}, {}", counted(outcome.rules, "rule"), looks);
  if (outcome.found == 0) return fmt::format("Nothing found: {}.", of);
  std::string text = fmt::format("{} critical, {}, {}: {}.", counts[2], counted(counts[1], "warning"),
                                 counted(counts[0], "note"), of);
  if (outcome.found > findings.size())
    text += fmt::format(" {} more are not shown (--top).", outcome.found - findings.size());
  return text;
}

/// Rules with one reason share a line.
std::vector<std::vector<const NotLooked*>> by_reason(const std::vector<NotLooked>& all) {
  std::vector<std::vector<const NotLooked*>> lines;
  for (const NotLooked& n : all) {
    const auto line = std::ranges::find_if(lines, [&](const auto& same) {
      return same.front()->reason == n.reason && same.front()->in_part == n.in_part;
    });
    if (line != lines.end()) line->push_back(&n);
    else lines.push_back({&n});
  }
  return lines;
}

// ---- the rules ----

std::string_view scope_text(RuleScope scope) {
  constexpr std::string_view kTexts[] = {"network namespace", "host", "every process"};
  return kTexts[static_cast<std::size_t>(scope)];
}
std::string_view looks_text(RuleLooks looks) {
  constexpr std::string_view kTexts[] = {"one look", "one look, better two", "two looks"};
  return kTexts[static_cast<std::size_t>(looks)];
}
std::string_view right_text(RuleRight right) {
  return right == RuleRight::ptrace ? "rights over the processes (root)" : "any user";
}

/// "tcp, udp; states LISTEN; facts somaxconn; owners"
std::string reads_text(const Rule& rule) {
  std::string text;
  const auto add = [&](std::string_view word) { text.append(text.empty() ? "" : ", ").append(word); };
  for (const ProtocolRow& row : kProtocols)
    if (rule.protocols.has(row.protocol)) add(row.id);
  if (!rule.protocols.empty()) text += " sockets";
  for (std::size_t i = 0; i < kFacts; ++i) {
    const auto fact = static_cast<Fact>(i);
    if (rule.facts.has(fact) || rule.more_facts.has(fact)) add(row_of(fact).name);
  }
  if (rule.owners) add("owners");
  if (rule.descriptors) add("descriptors of processes");
  return text;
}

}  // namespace

std::string threshold_text(double value) {
  constexpr double kLargestWhole = 1e15;
  const auto whole = static_cast<std::uint64_t>(std::min(value, kLargestWhole));
  return static_cast<double>(whole) == value ? std::to_string(whole) : fmt::format("{}", value);
}

void print_findings(Environment& env, const std::vector<Finding>& findings, const AuditOutcome& outcome) {
  Page page(env);
  std::string scratch;
  for (const Finding& f : findings) print_finding(page, f);
  for (const std::vector<const NotLooked*>& same : by_reason(outcome.not_looked)) {
    std::string names;
    for (const NotLooked* n : same) names.append(names.empty() ? "" : ", ").append(n->rule->id);
    constexpr std::size_t kIndent = 16;
    page.paragraph(same.front()->in_part ? "looked in part:" : "not looked at:",
                   without_controls(fmt::format("{}: {}", names, same.front()->reason), scratch), kIndent);
  }
  for (const std::string& remark : outcome.remarks) page.paragraph("", without_controls(remark, scratch), 0);
  page.paragraph("", summary_line(findings, outcome), 0);
}

void print_rules(Environment& env, const std::vector<ChosenRule>& rules) {
  Page page(env);
  constexpr std::size_t kComment = 34;
  for (const ChosenRule& chosen : rules) {
    const Rule& rule = *chosen.rule;
    const std::string title = fmt::format("{}: {}, {}, {}", rule.id, scope_text(rule.scope), looks_text(rule.looks),
                                          right_text(rule.right));
    page.paragraph("", title, 0, kPlain, kPlain, "# ");
    for (std::size_t i = 0; i < rule.thresholds.size(); ++i) {
      const Threshold& t = rule.thresholds[i];
      const std::string setting =
          fmt::format("{}.{} = {}", rule.id, t.name, threshold_text(chosen.thresholds.values()[i]));
      const std::string comment = fmt::format("{}{}{}", t.unit, t.unit.empty() ? "" : ": ", t.meaning);
      page.paragraph(setting, comment, kComment, kPlain, kPlain, "# ");
    }
  }
}

void print_rule(Environment& env, const ChosenRule& chosen) {
  const Rule& rule = *chosen.rule;
  Page page(env);
  constexpr std::size_t kIndent = 11;
  page.paragraph("", fmt::format("{}: {}, {}, {}", rule.id, scope_text(rule.scope), looks_text(rule.looks),
                                 right_text(rule.right)),
                 0);
  page.blank();
  const auto row = [&](std::string_view label, std::string_view text) {
    if (!text.empty()) page.paragraph(label, text, kIndent);
  };
  row("Reads", reads_text(rule));
  row("Condition", rule.condition);
  for (std::size_t i = 0; i < rule.thresholds.size(); ++i) {
    const Threshold& t = rule.thresholds[i];
    row("", fmt::format("{} = {}{}{}: {}", t.name, threshold_text(chosen.thresholds.values()[i]),
                        t.unit.empty() ? "" : " ", t.unit, t.meaning));
  }
  row("Critical", rule.critical);
  row("Warning", rule.warning);
  row("Note", rule.note);
  row("Guard", rule.guard);
  row("Meaning", rule.meaning);
  row("Advice", rule.advice);
}

}  // namespace duostat::command
