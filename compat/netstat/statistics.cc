// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/statistics.h"

#include <fmt/format.h>

#include <cerrno>

#include "compat/netstat/row.h"
#include "compat/netstat/statistics_labels.h"
#include "src/base/error.h"
#include "src/procfs/snmp.h"
#include "src/procfs/text_file.h"

namespace duostat::netstat {
namespace {

constexpr int kFailure = 1;
constexpr std::size_t kIndent = 4, kHistogramIndent = 8;

/// Prints sections one after the other. What the last counter with a text was decides how far the next line is indented.
class Printer {
 public:
  Printer(Output& out, ProtocolSet selected) : out_(out), selected_(selected) {}

  void section(const CounterSection& section);

 private:
  enum class State : std::uint8_t { normal, in_histogram, out_histogram };

  void counter(const Counter& counter, const CounterLabel* label);
  void unlabelled(const Counter& counter);
  void histogram(const Counter& counter, const CounterLabel& label);
  void line(std::size_t indent, std::string_view text, std::uint64_t value);
  std::size_t indent() const { return state_ == State::normal ? kIndent : kHistogramIndent; }

  Output& out_;
  ProtocolSet selected_;
  State state_ = State::normal;
  Row row_;
};

void Printer::section(const CounterSection& section) {
  const LabelledSection* known = labelled_section(section.name);
  if (known != nullptr) {
    state_ = State::normal;  // also by a section that is not selected; one without texts leaves the state as it is
    if (!selected_.has(known->selector)) return;
  }
  row_.foreign(section.name, 0).text(":").end(out_);
  for (const Counter& c : section.counters) counter(c, known == nullptr ? nullptr : label_of(*known, c.name));
}

void Printer::counter(const Counter& counter, const CounterLabel* label) {
  if (label == nullptr || label->kind == LabelClass::dormant) return unlabelled(counter);
  if (label->kind == LabelClass::in_histogram || label->kind == LabelClass::out_histogram)
    return histogram(counter, *label);
  state_ = State::normal;
  if (label->kind == LabelClass::always || (label->kind == LabelClass::nonzero && counter.value != 0))
    line(kIndent, label->text, counter.value);
}

void Printer::unlabelled(const Counter& counter) {
  if (counter.value == 0) return;
  row_.left("", indent()).foreign(counter.name, 0).text(": ").left(counter.value, 0).end(out_);
}

void Printer::histogram(const Counter& counter, const CounterLabel& label) {
  const bool in = label.kind == LabelClass::in_histogram;
  const State mine = in ? State::in_histogram : State::out_histogram;
  if (state_ != mine)
    row_.left("", indent()).text(in ? "ICMP input histogram:" : "ICMP output histogram:").end(out_);
  state_ = mine;
  if (counter.value != 0) line(kHistogramIndent, label.text, counter.value);
}

void Printer::line(std::size_t indent, std::string_view text, std::uint64_t value) {
  constexpr std::string_view kNumber = "{}";
  const std::size_t at = text.find(kNumber);
  row_.left("", indent).text(text.substr(0, at)).left(value, 0).text(text.substr(at + kNumber.size())).end(out_);
}

ProtocolSet selection(const Request& request) {
  constexpr ProtocolSet kAll{Protocol::tcp, Protocol::udp, Protocol::raw, Protocol::sctp};
  return request.protocols.empty() ? kAll : request.protocols;
}

/// Says what is wrong with a file. False if it cannot be opened.
bool report(Environment& env, const Coverage& coverage, bool needed) {
  const std::string name = coverage.object;
  if (coverage.error != 0 && coverage.operation == procfs::kOpen) {
    if (needed) env.err.line(fmt::format("cannot open {}: {}", name, error_text(coverage.error)));
    return false;
  }
  if (coverage.error != 0) env.err.line(fmt::format("{}: {}", name, error_text(coverage.error)));
  // quirk: stale-columns - said for snmp6 too, where the original repeats the number of the line before
  if (coverage.malformed + coverage.truncated != 0) env.err.line(fmt::format("Problem while parsing {}", name));
  return true;
}

void print_inet(Environment& env, Printer& printer) {
  std::vector<CounterSection> sections;
  if (!report(env, read_counter_pairs(env.proc, kSnmpFile, sections), true)) return;
  report(env, read_counter_pairs(env.proc, kNetstatFile, sections), false);
  Coverage sctp = read_sctp_counters(env.proc, sections);
  sctp.malformed = 0;  // its lines were always read with indulgence
  report(env, sctp, false);
  for (const CounterSection& section : sections) printer.section(section);
}

void print_inet6(Environment& env, Printer& printer) {
  std::vector<CounterSection> sections, inet;
  if (!report(env, read_counters6(env.proc, sections), true)) return;
  report(env, read_counter_pairs(env.proc, kSnmpFile, inet), false);
  for (const CounterSection& section : sections) printer.section(section);
  for (const CounterSection& section : inet)
    if (section.name.starts_with("Tcp")) printer.section(section);
}

}  // namespace

int print_statistics(Environment& env, const Request& request) {
  const auto& families = request.family_list;
  const bool inet6 = families.size() == 1 && families[0] == AddressFamily::inet6;
  const bool inet = families.empty() || (families.size() == 1 && families[0] == AddressFamily::inet);
  if (!inet && !inet6) {
    std::string list;
    for (const AddressFamily f : families) list.append(list.empty() ? "" : ",").append(canonical_name(f));
    env.out.append(fmt::format("netstat: No statistics support for specified address family: {}\n", list));
    return kFailure;
  }
  Printer printer(env.out, selection(request));
  inet6 ? print_inet6(env, printer) : print_inet(env, printer);
  return 0;
}

}  // namespace duostat::netstat
