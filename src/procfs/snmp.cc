// /proc/net/snmp and /proc/net/netstat (net/ipv4/proc.c): a line of names above a line of numbers.
//
//   Udp: InDatagrams NoPorts InErrors OutDatagrams RcvbufErrors SndbufErrors InCsumErrors IgnoredMulti MemErrors
//   Udp: 12 0 0 12 0 0 0 0 0
//
// /proc/net/snmp6 (net/ipv6/proc.c) and /proc/net/sctp/snmp (net/sctp/proc.c): a name and a number a line.
//
//   Ip6InReceives                   	17
//   SctpCurrEstab                   	0
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/snmp.h"

#include "src/procfs/text_file.h"

namespace duostat {
namespace {

/// "Name: a b c": returns the section's name, with the cursor after the colon.
bool read_name(Cursor& cursor, std::string_view& name) noexcept {
  const std::string_view line = cursor.rest();
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return false;
  name = line.substr(0, colon);
  cursor = Cursor(line.substr(colon + 1));
  return true;
}

void read_pair(Cursor names, Cursor values, CounterSection& section) {
  std::string_view name, value;
  while (names.word(name)) {
    Counter counter{std::string(name), 0, false};
    if (values.word(value)) {
      Cursor digits(value);
      counter.known = procfs::read_count(digits, counter.value) && digits.done();
    }
    section.counters.push_back(std::move(counter));
  }
}

/// Reads lines of a name and a number; `section_of` returns the section of a name.
template <class SectionOf>
Coverage read_lines(const ProcDir& proc, std::string_view file, SectionOf&& section_of) {
  Coverage coverage;
  procfs::TextFile text(proc, file, coverage);
  text.each_row([&](std::string_view line) {
    Cursor cursor(line);
    std::string_view name;
    Counter counter;
    if (!cursor.word(name) || !procfs::read_count(cursor, counter.value)) return false;
    counter.name = name;
    section_of(name).counters.push_back(std::move(counter));
    return true;
  });
  return coverage;
}

}  // namespace

Coverage read_counter_pairs(const ProcDir& proc, std::string_view file, std::vector<CounterSection>& sections) {
  Coverage coverage;
  procfs::TextFile text(proc, file, coverage);
  std::string_view line;
  while (text.next(line)) {
    if (line.empty()) continue;
    const std::string names(line);
    if (!text.next(line)) {  // names without numbers
      ++coverage.truncated;
      break;
    }
    Cursor heading(names), numbers(line);
    std::string_view name, unused;
    if (!read_name(heading, name) || !read_name(numbers, unused)) return ++coverage.malformed, coverage;
    read_pair(heading, numbers, sections.emplace_back(CounterSection{std::string(name), {}}));
    ++coverage.rows;
  }
  return coverage;
}

Coverage read_counters6(const ProcDir& proc, std::vector<CounterSection>& sections) {
  return read_lines(proc, kSnmp6File, [&](std::string_view name) -> CounterSection& {
    if (sections.empty() || name.find(sections.back().name) == std::string_view::npos) {
      const std::size_t six = name.find('6');
      sections.push_back({std::string(name.substr(0, six == std::string_view::npos ? six : six + 1)), {}});
    }
    return sections.back();
  });
}

Coverage read_sctp_counters(const ProcDir& proc, std::vector<CounterSection>& sections) {
  const std::size_t first = sections.size();
  const Coverage coverage = read_lines(proc, kSctpSnmpFile, [&](std::string_view) -> CounterSection& {
    if (sections.size() == first) sections.push_back({"Sctp", {}});
    return sections.back();
  });
  // Even an empty file has its heading.
  if (coverage.operation != Operation::open && sections.size() == first) sections.push_back({"Sctp", {}});
  return coverage;
}

}  // namespace duostat
