// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/summary.h"

#include <cerrno>

#include <fmt/core.h>

#include "src/base/error.h"
#include "src/collect/dry_run.h"
#include "src/procfs/sockstat.h"
#include "src/render/record_json.h"

namespace duostat::ss {
namespace {

/// A line of the table: what is counted for IPv4 and for IPv6.
struct SummaryLine {
  std::string_view title;
  int (*v4)(const SocketSummary&);
  int (*v6)(const SocketSummary&);
};
constexpr SummaryLine kLines[] = {
    {"RAW", [](const SocketSummary& s) { return s.raw_in_use; }, [](const SocketSummary& s) { return s.raw6_in_use; }},
    {"UDP", [](const SocketSummary& s) { return s.udp_in_use; }, [](const SocketSummary& s) { return s.udp6_in_use; }},
    {"TCP", [](const SocketSummary& s) { return s.tcp_in_use; }, [](const SocketSummary& s) { return s.tcp6_in_use; }},
    {"INET", [](const SocketSummary& s) { return s.raw_in_use + s.udp_in_use + s.tcp_in_use; },
     [](const SocketSummary& s) { return s.raw6_in_use + s.udp6_in_use + s.tcp6_in_use; }},
    {"FRAG", [](const SocketSummary& s) { return s.frag_in_use; },
     [](const SocketSummary& s) { return s.frag6_in_use; }},
};

/// The source of each number, for `duostat explain`: TITLE of the output, and the kernel's name of the source.
struct Figure {
  std::string_view title, source;
};
constexpr Figure kFigures[] = {
    {"Total", "sockstat \"sockets: used\": sockets of every family in this network namespace"},
    {"TCP", "sockstat \"TCP: alloc\" + \"TCP: tw\": alloc is of the whole host, tw of this network namespace"},
    {"estab", "snmp \"Tcp: CurrEstab\": ESTABLISHED and CLOSE-WAIT in this network namespace"},
    {"closed", "alloc - (inuse4 + inuse6 - tw), from \"TCP: alloc\", \"TCP: inuse\", \"TCP6: inuse\" and \"TCP: tw\". "
               "TIME-WAIT has no part in alloc or inuse, so it is added: 20 in TIME-WAIT add 20. Sockets without a "
               "connection are alloc - inuse4 - inuse6, in the initial network namespace less what the others have in "
               "use. In a child the number means nothing, because alloc is of the whole host. `duostat states "
               "--closed` shows this host's numbers, and who holds such sockets"},
    {"orphaned", "sockstat \"TCP: orphan\": sockets that no process holds, of the whole host"},
    {"timewait", "sockstat \"TCP: tw\": TIME-WAIT in this network namespace"},
    {"RAW, UDP, TCP", "IP: sockstat \"inuse\"; IPv6: sockstat6 \"inuse\"; sockets in the tables of this network "
                      "namespace. TIME-WAIT is not in them"},
    {"INET", "RAW + UDP + TCP"},
    {"FRAG", "\"inuse\": datagrams that are being put together from fragments"},
    {"each line", "Total is IP + IPv6"},
};

/// The original's name for the reading of a file. The original does not report sockstat6.
constexpr std::string_view reader_of(std::string_view file) {
  return file == "net/snmp" ? "get_snmpstat" : file == "net/sockstat6" ? "get_sockstat6" : "get_sockstat";
}

/// A kernel without IPv6 lacks this file, and no number is missing then.
/// quirk: sockstat6-unread
constexpr bool is_absent(std::string_view file, int error) { return file == "net/sockstat6" && error == ENOENT; }

}  // namespace

void print_summary(const SocketSummary& s, Output& out) {
  const int closed = s.tcp_alloc - (s.tcp_in_use + s.tcp6_in_use - s.tcp_time_wait);
  out.append(fmt::format("Total: {}\nTCP:   {} (estab {}, closed {}, orphaned {}, timewait {})\n\n", s.used,
                         s.tcp_alloc + s.tcp_time_wait, s.tcp_established, closed, s.tcp_orphan, s.tcp_time_wait));
  out.append("Transport Total     IP        IPv6\n");
  for (const SummaryLine& line : kLines) {
    const int v4 = line.v4(s), v6 = line.v6(s);
    out.append(fmt::format("{}\t  {:<9} {:<9} {:<9}\n", line.title, v4 + v6, v4, v6));
  }
  out.append('\n');
}

bool show_summary(Environment& env, JsonStyle json, Via via) {
  if (env.dry_run != nullptr)
    for (const Figure& figure : kFigures) env.dry_run->figure(figure.title, figure.source);
  struct Missing {
    std::string_view file;
    int error = 0;
  };
  Missing files[] = {{"net/sockstat"}, {"net/sockstat6"}, {"net/snmp"}};
  const SocketSummary counts = read_summary(env.proc, [&](std::string_view file, int error) {
    for (Missing& m : files)
      if (m.file == file) m.error = error;
    if (!is_absent(file, error)) env.err.line(fmt::format("ss: {}: {}", reader_of(file), error_text(error)));
  });
  if (json == JsonStyle::none) return print_summary(counts, env.out), true;
  JsonDocument document(env, json, "summary", via);
  put_records(document.begin(), counts, [&] { document.end_element(); });
  bool complete = true;
  for (const Missing& m : files) {
    if (m.error == 0 || is_absent(m.file, m.error)) continue;
    document.note("open", env.proc.path(m.file), error_text(m.error));
    complete = false;
  }
  document.end();
  return complete;
}

}  // namespace duostat::ss
