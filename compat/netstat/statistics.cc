// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/statistics.h"

#include <fmt/format.h>

#include <algorithm>

#include "src/base/error.h"
#include "src/procfs/snmp.h"
#include "src/render/escape.h"

namespace duostat::netstat {
namespace {

/// Prints counters as they come. What stands before a line depends on the labelled counters before it.
class StatisticsPrinter final : public CounterSink {
 public:
  StatisticsPrinter(Output& out, ProtocolSet selected) : out_(out), selected_(selected) {}

  bool section(std::string_view name) override;
  void counter(std::string_view key, std::uint64_t value) override;

 private:
  enum class State : std::uint8_t { normal, in_histogram, out_histogram };

  void line(bool deep, std::string_view text, std::uint64_t value);
  void histogram(const CounterLabel& label, std::uint64_t value);

  Output& out_;
  ProtocolSet selected_;
  const CounterSection* section_ = nullptr;
  State state_ = State::normal;
};

bool StatisticsPrinter::section(std::string_view name) {
  const auto sections = counter_sections();
  const auto row = std::ranges::find(sections, name, &CounterSection::name);
  section_ = row == sections.end() ? nullptr : &*row;
  if (section_ != nullptr) state_ = State::normal;
  if (section_ != nullptr && !selected_.has(section_->selector)) return false;
  std::string scratch;
  out_.append(without_controls(name, scratch));
  out_.append(":\n");
  return true;
}

void StatisticsPrinter::line(bool deep, std::string_view text, std::uint64_t value) {
  const auto mark = text.find('%');
  out_.append(deep ? "        " : "    ");
  out_.append(text.substr(0, mark));
  if (mark != std::string_view::npos) {
    out_.append(fmt::format_int(value).c_str());
    out_.append(text.substr(mark + 1));
  }
  out_.append('\n');
}

void StatisticsPrinter::histogram(const CounterLabel& label, std::uint64_t value) {
  const bool in = label.kind == CounterClass::in_histogram;
  const State state = in ? State::in_histogram : State::out_histogram;
  if (state_ != state) line(state_ != State::normal, in ? "ICMP input histogram:" : "ICMP output histogram:", 0);
  state_ = state;
  if (value != 0) line(true, label.text, value);
}

void StatisticsPrinter::counter(std::string_view key, std::uint64_t value) {
  const CounterLabel* label = nullptr;
  if (section_ != nullptr) {
    const auto row = std::ranges::find(section_->labels, key, &CounterLabel::key);
    if (row != section_->labels.end()) label = &*row;
  }
  if (label == nullptr) {
    if (value == 0) return;
    std::string scratch;
    out_.append(state_ == State::normal ? "    " : "        ");
    out_.append(without_controls(key, scratch));
    out_.append(": ");
    out_.append(fmt::format_int(value).c_str());
    out_.append('\n');
    return;
  }
  if (label->kind == CounterClass::in_histogram || label->kind == CounterClass::out_histogram)
    return histogram(*label, value);
  state_ = State::normal;
  if (label->kind == CounterClass::always || (label->kind == CounterClass::nonzero && value != 0))
    line(false, label->text, value);
}

/// The sections to show: all, unless one of -t -u -w -S -U names some. -U has none of its own.
ProtocolSet selection(const Request& request) {
  constexpr ProtocolSet kAll{Protocol::tcp, Protocol::udp, Protocol::raw, Protocol::sctp};
  return request.protocols.empty() ? kAll : request.protocols;
}

void report(Environment& env, const Coverage& coverage) {
  if (coverage.error != 0 && coverage.operation == "read")
    env.err.line(fmt::format("{}: {}", coverage.object, error_text(coverage.error)));
}

void report_pairs(Environment& env, const Coverage& coverage) {
  if (coverage.malformed != 0) env.err.line(fmt::format("Problem while parsing {}", coverage.object));
  report(env, coverage);
}

/// The first file: without it there is nothing to print. False if it is not there.
bool opened(Environment& env, const Coverage& coverage) {
  if (coverage.error == 0 || coverage.operation != "open") return true;
  env.err.line(fmt::format("cannot open {}: {}", coverage.object, error_text(coverage.error)));
  return false;
}

void list_ipv4(Environment& env, StatisticsPrinter& printer) {
  const Coverage first = read_counter_pairs(env.proc, "net/snmp", "", printer);
  if (!opened(env, first)) return;
  report_pairs(env, first);
  report_pairs(env, read_counter_pairs(env.proc, "net/netstat", "", printer));
  report(env, read_counter_lines(env.proc, "net/sctp/snmp", "Sctp", printer));
}

void list_ipv6(Environment& env, StatisticsPrinter& printer) {
  const Coverage first = read_counter_lines(env.proc, "net/snmp6", "", printer);
  if (!opened(env, first)) return;
  report(env, first);
  report_pairs(env, read_counter_pairs(env.proc, "net/snmp", "Tcp", printer));
}

}  // namespace

int list_statistics(Environment& env, const Request& request) {
  StatisticsPrinter printer(env.out, selection(request));
  const auto& families = request.family_list;
  if (families.empty() || (families.size() == 1 && families[0] == AddressFamily::inet)) {
    list_ipv4(env, printer);
    return 0;
  }
  if (families.size() == 1 && families[0] == AddressFamily::inet6) {
    list_ipv6(env, printer);
    return 0;
  }
  std::string names;
  for (const AddressFamily f : families) names.append(names.empty() ? "" : ",").append(canonical_name(f));
  env.out.append(fmt::format("netstat: No statistics support for specified address family: {}\n", names));
  return 1;
}

}  // namespace duostat::netstat
