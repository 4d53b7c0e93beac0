// /proc/net/sockstat (sockstat_seq_show()), sockstat6 (sockstat6_seq_show()), and a pair of lines of snmp
// (snmp_seq_show_tcp_udp()):
//
//   sockets: used 161
//   TCP: inuse 5 orphan 0 tw 2 alloc 7 mem 267
//   FRAG: inuse 0 memory 0
//   TCP6: inuse 2
//   Tcp: RtoAlgorithm RtoMin RtoMax MaxConn ActiveOpens PassiveOpens AttemptFails EstabResets CurrEstab …
//   Tcp: 1 200 120000 -1 12 9 0 1 4 …
//
// In the first two files the position of a number determines its meaning, in snmp the name above it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/sockstat.h"

#include <optional>
#include <string>

#include "src/base/cursor.h"
#include "src/base/lines.h"

namespace duostat {
namespace {

using Number = SocketSummary::Number;

/// The first word of a line and the members for its numbers, in order; the words in between are ignored.
struct SummaryLine {
  std::string_view key;
  Number numbers[5];
};
using S = SocketSummary;
constexpr SummaryLine kLines[] = {
    {"sockets:", {&S::used}},
    {"TCP:", {&S::tcp_in_use, &S::tcp_orphan, &S::tcp_time_wait, &S::tcp_alloc, &S::tcp_mem}},
    {"TCP6:", {&S::tcp6_in_use}},
    {"UDP:", {&S::udp_in_use}},
    {"UDP6:", {&S::udp6_in_use}},
    {"UDPLITE:", {&S::udplite_in_use}},
    {"UDPLITE6:", {&S::udplite6_in_use}},
    {"RAW:", {&S::raw_in_use}},
    {"RAW6:", {&S::raw6_in_use}},
    {"FRAG:", {&S::frag_in_use}},
    {"FRAG6:", {&S::frag6_in_use}},
};

void read_line(std::string_view line, SocketSummary& summary) noexcept {
  Cursor cursor(line);
  std::string_view key, label;
  if (!cursor.word(key)) return;
  for (const SummaryLine& row : kLines) {
    if (row.key != key) continue;
    for (const Number number : row.numbers) {
      std::uint64_t value;
      if (number == nullptr || !cursor.word(label) || !cursor.dec(value)) return;
      summary.set(number, static_cast<int>(value));
    }
  }
}

/// Returns the number below `name` in the two lines that begin with `key`.
std::optional<int> snmp_number(std::string_view text, std::string_view key, std::string_view name) noexcept {
  std::string_view names, line, word, column;
  while (next_line(text, line)) {
    Cursor values(line);
    if (!values.word(word) || word != key) continue;
    if (names.empty()) {
      names = line;
      continue;
    }
    Cursor titles(names);
    titles.word(word);
    std::uint64_t value;
    while (titles.word(column) && values.dec(value))
      if (column == name) return static_cast<int>(value);
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

SocketSummary read_summary(const ProcDir& proc, FunctionRef<void(std::string_view file, int error)> report) {
  SocketSummary summary;
  const auto text_of = [&](std::string_view file) {
    int error = 0;
    std::string text = proc.read(file, error);
    if (error != 0) report(file, error);
    return text;
  };
  for (const std::string_view file : {"net/sockstat", "net/sockstat6"}) {
    const std::string text = text_of(file);
    std::string_view rest = text, line;
    while (next_line(rest, line)) read_line(line, summary);
  }
  if (const auto established = snmp_number(text_of("net/snmp"), "Tcp:", "CurrEstab"))
    summary.set(&S::tcp_established, *established);
  return summary;
}

}  // namespace duostat
