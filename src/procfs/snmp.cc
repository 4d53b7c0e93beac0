// /proc/net/snmp, /proc/net/netstat (snmp_seq_show(), netstat_seq_show()):
//
//   Udp: InDatagrams NoPorts InErrors …
//   Udp: 1121 0 0 …
//
// /proc/net/snmp6 (snmp6_seq_show()), /proc/net/sctp/snmp:
//
//   Ip6InReceives                   	1
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/snmp.h"

#include <string>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"

namespace duostat {
namespace {

Fd open_file(const ProcDir& proc, std::string_view file, Coverage& coverage) {
  coverage.object = proc.path(file);
  coverage.operation = "open";
  return proc.open(file, coverage.error);
}

void finish(Coverage& coverage, const LineReader& lines) {
  coverage.truncated = lines.cut();
  coverage.error = lines.error();
  coverage.operation = "read";
}

void read_pair(std::string_view keys, std::string_view values, CounterSink& sink, Coverage& coverage) {
  Cursor names(keys), numbers(values);
  std::string_view key;
  while (names.word(key)) {
    std::uint64_t value = 0;
    numbers.dec(value);
    ++coverage.rows;
    sink.counter(key, value);
  }
}

}  // namespace

Coverage read_counter_pairs(const ProcDir& proc, std::string_view file, std::string_view prefix, CounterSink& sink) {
  Coverage coverage;
  const Fd fd = open_file(proc, file, coverage);
  if (!fd) return coverage;
  LineReader lines(fd.get());
  std::string_view line;
  std::string names;  // lines live only until the next is read
  while (lines.next(line)) {
    if (line.empty()) continue;
    names = line;
    if (!lines.next(line)) break;
    if (!names.starts_with(prefix)) continue;
    const auto names_colon = names.find(':'), values_colon = line.find(':');
    if (names_colon == std::string::npos || values_colon == std::string_view::npos) {
      coverage.malformed = 1;
      break;
    }
    if (!sink.section(std::string_view(names).substr(0, names_colon))) continue;
    read_pair(std::string_view(names).substr(names_colon + 1), line.substr(values_colon + 1), sink, coverage);
  }
  finish(coverage, lines);
  return coverage;
}

Coverage read_counter_lines(const ProcDir& proc, std::string_view file, std::string_view section, CounterSink& sink) {
  Coverage coverage;
  const Fd fd = open_file(proc, file, coverage);
  if (!fd) return coverage;
  LineReader lines(fd.get());
  std::string_view line;
  std::string current(section);
  bool wanted = !section.empty() && sink.section(section);
  while (lines.next(line)) {
    Cursor cursor(line);
    std::string_view key;
    std::uint64_t value;
    if (!cursor.word(key) || !cursor.dec(value)) {
      ++coverage.malformed;
      continue;
    }
    if (section.empty() && (current.empty() || key.find(current) == std::string_view::npos)) {
      const auto six = key.find('6');
      current = key.substr(0, six == std::string_view::npos ? six : six + 1);
      wanted = sink.section(current);
    }
    if (!wanted) continue;
    ++coverage.rows;
    sink.counter(key, value);
  }
  finish(coverage, lines);
  return coverage;
}

}  // namespace duostat
