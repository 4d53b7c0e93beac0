// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "compat/native/explain.h"
#include "src/procfs/sockstat.h"
#include "src/procfs/text_file.h"

namespace duostat::native {
namespace {

/// What one socket costs from the kernel to the printed row, in nanoseconds.
constexpr double kNetlinkNs = 1200, kProcfsNs = 2000;
/// What one process costs, and each of its descriptors: a readlink(2).
constexpr double kProcessUs = 30, kDescriptorUs = 2;

/// Names of net/protocols whose sockets are in a table.
struct Counted {
  ProtocolSet protocols;
  Family family;
  std::string_view name;
};
constexpr Counted kCounted[] = {
    {{Protocol::tcp}, Family::inet, "TCP"},          {{Protocol::tcp}, Family::inet6, "TCPv6"},
    {{Protocol::udp}, Family::inet, "UDP"},          {{Protocol::udp}, Family::inet6, "UDPv6"},
    {{Protocol::udplite}, Family::inet, "UDP-Lite"}, {{Protocol::udplite}, Family::inet6, "UDPLITEv6"},
    {{Protocol::raw}, Family::inet, "RAW"},          {{Protocol::raw}, Family::inet6, "RAWv6"},
    {{Protocol::icmp}, Family::inet, "PING"},        {{Protocol::icmp}, Family::inet6, "PINGv6"},
    {{Protocol::dccp}, Family::inet, "DCCP"},        {{Protocol::dccp}, Family::inet6, "DCCPv6"},
    {{Protocol::sctp}, Family::inet, "SCTP"},        {{Protocol::sctp}, Family::inet6, "SCTPv6"},
    {{Protocol::mptcp}, Family::inet, "MPTCP"},      {{Protocol::mptcp}, Family::inet6, "MPTCPv6"},
    {kUnixProtocols, Family::unix_domain, "UNIX"},   {kUnixProtocols, Family::unix_domain, "UNIX-STREAM"},
    {kPacketProtocols, Family::packet, "PACKET"},    {{Protocol::netlink}, Family::netlink, "NETLINK"},
    {kVsockProtocols, Family::vsock, "AF_VSOCK"},    {{Protocol::tipc}, Family::tipc, "TIPC"},
    {{Protocol::xdp}, Family::xdp, "XDP"},
};

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

/// net/protocols (net/core/sock.c, proto_seq_printf()): name, size of a socket, number of sockets, …
/// TCPv6     2432     12      -1   NI       0   yes  kernel      y  y …
Counts read_counts(const ProcDir& proc) {
  Counts counts;
  Coverage coverage;
  procfs::TextFile file(proc, "net/protocols", coverage);
  std::string_view line;
  file.next(line);  // the heading
  file.each_row([&](std::string_view row) {
    Cursor cursor(row);
    std::string_view name;
    std::uint64_t size, sockets;
    if (!cursor.word(name) || !cursor.dec(size) || !cursor.dec(sockets)) return false;
    if (sockets <= INT32_MAX) counts[std::string(name)] += sockets;  // -1: not counted
    return true;
  });
  return counts;
}

std::uint64_t count_processes(const ProcDir& proc) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(proc.root().c_str()), ::closedir);
  std::uint64_t processes = 0;
  if (!dir) return 0;
  while (const dirent* entry = ::readdir(dir.get())) processes += entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
  return processes;
}

TableCost cost_of(const PlannedTable& table, const Counts& counts, const SocketSummary& summary) {
  TableCost cost;
  cost.table = table_name(table.query);
  for (const Counted& row : kCounted) {
    const bool inet = row.family == Family::inet || row.family == Family::inet6;
    if (!table.query.protocols.has_any(row.protocols) || (inet && !table.query.families.has(row.family))) continue;
    const auto at = counts.find(row.name);
    if (at == counts.end()) continue;
    cost.counted = true;
    cost.source = "net/protocols";
    cost.sockets += at->second;
  }
  // The count of TIME-WAIT is one for both families.
  if (table.query.protocols.has(Protocol::tcp) && table.query.families.has(Family::inet) && cost.counted) {
    cost.source += ", tw of net/sockstat";
    cost.sockets += static_cast<std::uint64_t>(std::max(summary.tcp_time_wait, 0));
  }
  if (!table.requests.empty()) cost.netlink_us = static_cast<double>(cost.sockets) * kNetlinkNs / 1000;
  if (!table.files.empty()) cost.procfs_us = static_cast<double>(cost.sockets) * kProcfsNs / 1000;
  return cost;
}

}  // namespace

Cost estimate(const Plan& plan, const ProcDir& proc) {
  Cost cost;
  const Counts counts = plan.tables.empty() ? Counts() : read_counts(proc);
  const SocketSummary summary = read_summary(proc, [](std::string_view, int) {});
  for (const PlannedTable& table : plan.tables) cost.tables.push_back(cost_of(table, counts, summary));
  if (plan.process_files.empty()) return cost;
  cost.processes = count_processes(proc);
  int error = 0;
  Cursor(proc.read("sys/fs/file-nr", error)).dec(cost.files);
  cost.processes_us =
      static_cast<double>(cost.processes) * kProcessUs + static_cast<double>(cost.files) * kDescriptorUs;
  return cost;
}

std::string_view cost_source() {
  return "1.2 us per socket by netlink, 2.0 us by procfs, 30 us per process and 2 us per open file, from the kernel "
         "to the printed row, measured on one machine. "
         "\"duostat bench\" measures yours.";
}

}  // namespace duostat::native
