// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/statistics.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "compat/netstat/row.h"
#include "compat/netstat/statistics_labels.h"
#include "compat/netstat/statuses.h"
#include "src/base/error.h"
#include "src/procfs/snmp.h"
#include "src/procfs/text_file.h"
#include "src/view/record_view.h"

namespace duostat::netstat {
namespace {

constexpr std::size_t kIndent = 4, kHistogramIndent = 8;
constexpr ProtocolSet kAllProtocols{Protocol::tcp, Protocol::udp, Protocol::raw, Protocol::sctp};

/// Prints sections one after the other. The last counter with a text decides how far the next line is indented.
class Printer {
 public:
  Printer(Output& out, ProtocolSet selected, bool differences)
      : out_(out), selected_(selected), differences_(differences) {}

  void section(const CounterSection& section);

 private:
  enum class State : std::uint8_t { normal, in_histogram, out_histogram };

  void counter(const Counter& counter, const CounterLabel* label);
  void unlabelled(const Counter& counter);
  void histogram(const Counter& counter, const CounterLabel& label);
  void line(std::size_t indent, std::string_view text, std::uint64_t value);
  std::string number(std::uint64_t value) const {
    return differences_ ? std::to_string(static_cast<std::int64_t>(value)) : std::to_string(value);
  }
  std::size_t indent() const { return state_ == State::normal ? kIndent : kHistogramIndent; }

  Output& out_;
  ProtocolSet selected_;
  bool differences_;
  State state_ = State::normal;
  Row row_;
};

void Printer::section(const CounterSection& section) {
  const LabelledSection* known = labelled_section(section.name);
  // Sections that are not selected count too, but not those for which the original has no texts.
  if (known != nullptr || differences_) state_ = State::normal;
  if (known != nullptr && !selected_.has(known->selector)) return;
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
  row_.left("", indent()).foreign(counter.name, 0).text(": ").text(number(counter.value)).end(out_);
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
  row_.left("", indent).text(text.substr(0, at)).text(number(value)).text(text.substr(at + kNumber.size())).end(out_);
}

/// Reports what is wrong with a file. False if it cannot be opened. A kernel may lack a file that is not `needed`.
bool report(Environment& env, const Coverage& coverage, bool needed) {
  const std::string name = coverage.object;
  if (coverage.error != 0 && coverage.operation == Operation::open) {
    // quirk: counters-unread - the original is silent about all files but the first
    if (needed || coverage.error != ENOENT)
      env.err.line(fmt::format("cannot open {}: {}", name, error_text(coverage.error)));
    return false;
  }
  if (coverage.error != 0) env.err.line(fmt::format("{}: {}", name, error_text(coverage.error)));
  // quirk: stale-columns - reported for snmp6 too, where the original repeats the number of the previous line
  if (coverage.malformed + coverage.truncated != 0) env.err.line(fmt::format("Problem while parsing {}", name));
  return true;
}

/// Reads one file and reports what is wrong with it. False if it cannot be opened.
template <class Read>
bool read(Environment& env, Statistics& statistics, bool needed, Read&& read_file) {
  const Coverage coverage = read_file();
  const bool opened = report(env, coverage, needed);
  if (opened ? coverage.error != 0 || coverage.malformed + coverage.truncated != 0 : needed || coverage.error != ENOENT)
    statistics.problems.push_back(coverage);
  return opened;
}

/// The same for a file of pairs of lines. A heading without numbers is reported only in our own forms; the original is
/// silent.
bool read_pairs(Environment& env, Statistics& statistics, bool needed, std::string_view file,
                std::vector<CounterSection>& sections) {
  Coverage cut;
  const bool opened = read(env, statistics, needed, [&] {
    Coverage coverage = read_counter_pairs(env.proc, file, sections);
    cut = coverage;
    coverage.truncated = 0;
    return coverage;
  });
  if (cut.truncated != 0) statistics.headings.push_back(cut);
  return opened;
}

void read_inet(Environment& env, Statistics& statistics) {
  std::vector<CounterSection>& sections = statistics.sections;
  if (!read_pairs(env, statistics, true, kSnmpFile, sections)) return;
  read_pairs(env, statistics, false, kNetstatFile, sections);
  read(env, statistics, false, [&] {
    Coverage sctp = read_sctp_counters(env.proc, sections);
    sctp.malformed = 0;  // the original accepts its malformed lines
    return sctp;
  });
}

void read_inet6(Environment& env, Statistics& statistics) {
  std::vector<CounterSection> inet;
  if (!read(env, statistics, true, [&] { return read_counters6(env.proc, statistics.sections); })) return;
  read_pairs(env, statistics, false, kSnmpFile, inet);
  for (CounterSection& section : inet)
    if (section.name.starts_with("Tcp")) statistics.sections.push_back(std::move(section));
}

bool only(const Request& request, AddressFamily family) {
  return request.family_list.size() == 1 && request.family_list[0] == family;
}

/// A counter without a line in the text, given its value.
bool is_hidden(std::string_view section, const Counter& counter) {
  const LabelledSection* known = labelled_section(section);
  const CounterLabel* label = known == nullptr ? nullptr : label_of(*known, counter.name);
  if (label != nullptr && label->kind == LabelClass::always) return false;
  return counter.value == 0 || (label != nullptr && label->kind == LabelClass::never);
}

/// A counter whose text is never printed.
bool is_silent(const CounterSection& section, const Counter& counter) {
  const LabelledSection* known = labelled_section(section.name);
  const CounterLabel* label = known == nullptr ? nullptr : label_of(*known, counter.name);
  return label != nullptr && label->kind == LabelClass::never;
}

}  // namespace

bool has_statistics(const Request& request) {
  return request.family_list.empty() || only(request, AddressFamily::inet) || only(request, AddressFamily::inet6);
}

std::string no_statistics_text(const Request& request) {
  std::string list;
  for (const AddressFamily f : request.family_list) list.append(list.empty() ? "" : ",").append(canonical_name(f));
  return fmt::format("netstat: No statistics support for specified address family: {}", list);
}

Statistics read_statistics(Environment& env, const Request& request) {
  Statistics statistics;
  only(request, AddressFamily::inet6) ? read_inet6(env, statistics) : read_inet(env, statistics);
  return statistics;
}

bool is_selected(const Request& request, const CounterSection& section) {
  const LabelledSection* known = labelled_section(section.name);
  return known == nullptr || request.protocols.empty() || request.protocols.has(known->selector);
}

std::vector<CounterRecord> counters_of(const std::vector<CounterSection>& sections,
                                       std::optional<std::int64_t> elapsed_ms) {
  std::vector<CounterRecord> records;
  for (const CounterSection& section : sections)
    for (const Counter& counter : section.counters) records.push_back({section.name, counter, elapsed_ms});
  return records;
}

std::vector<CounterSection> chosen_counters(const ViewPlan& plan, const std::vector<CounterSection>& sections,
                                            std::optional<std::int64_t> elapsed_ms) {
  std::vector<CounterRecord> records = counters_of(sections, elapsed_ms);
  if (plan.orders()) std::erase_if(records, [](const CounterRecord& r) { return is_hidden(r.section, r.counter); });
  choose_records(plan, records);
  std::vector<CounterSection> chosen;
  for (CounterRecord& record : records) {
    if (chosen.empty() || chosen.back().name != record.section) chosen.push_back({std::string(record.section), {}});
    chosen.back().counters.push_back(std::move(record.counter));
  }
  return chosen;
}

bool is_json_alone(const ViewPlan& plan) {
  return plan.json != JsonStyle::none && !plan.chosen && !plan.count && plan.by.empty() && !plan.where &&
         !plan.orders();
}

void print_differences(Output& out, const std::vector<CounterSection>& sections) {
  Printer printer(out, kAllProtocols, true);
  for (const CounterSection& section : sections) {
    CounterSection shown = section;
    std::erase_if(shown.counters, [&](const Counter& counter) { return is_silent(section, counter); });
    if (!shown.counters.empty()) printer.section(shown);
  }
}

int print_statistics(Environment& env, const Request& request, const ViewPlan& plan) {
  if (!has_statistics(request)) {
    env.out.append(no_statistics_text(request) + "\n");
    return kFailure;
  }
  Statistics statistics = read_statistics(env, request);
  plan.note_missing(!statistics.complete());
  if (plan.selects()) {
    std::erase_if(statistics.sections, [&](const CounterSection& section) { return !is_selected(request, section); });
    statistics.sections = chosen_counters(plan, statistics.sections);
  } else {
    for (const CounterSection& section : statistics.sections)
      if (is_selected(request, section)) plan.count_rows(section.counters.size());
  }
  Printer printer(env.out, request.protocols.empty() ? kAllProtocols : request.protocols, false);
  for (const CounterSection& section : statistics.sections) printer.section(section);
  return 0;
}

}  // namespace duostat::netstat
