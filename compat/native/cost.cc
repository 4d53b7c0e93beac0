// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <map>

#include "compat/native/explain.h"
#include "src/procfs/sockstat.h"
#include "src/procfs/text_file.h"

namespace duostat::native {
namespace {

/// What one socket costs from the kernel to the printed row, in nanoseconds.
constexpr double kNetlinkNs = 1200, kProcfsNs = 2000;
/// What a table costs that has no socket and is not walked: a netlink socket, or a file.
constexpr double kTableUs = 50;
/// What one process costs, and each of its descriptors: a readlink(2).
constexpr double kProcessUs = 30, kDescriptorUs = 2;

/// A hash table that is walked whatever is in it; the network namespaces of a host share it.
struct HashTable {
  Protocol protocol;
  std::string_view file;         ///< of its size: since Linux 6.1 (TCP), 6.2 (UDP)
  std::uint64_t bytes, most;     ///< the kernel makes a bucket for so much memory (alloc_large_system_hash())
  double netlink_ns, procfs_ns;  ///< for each bucket, and with procfs for each file
};
constexpr HashTable kHashTables[] = {
    {Protocol::tcp, "sys/net/ipv4/tcp_ehash_entries", 128 << 10, 512 << 10, 7.5, 17.5},
    {Protocol::udp, "sys/net/ipv4/udp_hash_entries", 2 << 20, 64 << 10, 7.5, 17.5},
};

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

/// The number of buckets. A table of one's own (negative number) is as long as its absolute value.
std::uint64_t buckets_of(const ProcDir& proc, const HashTable& table) {
  int error = 0;
  std::int64_t buckets = 0;
  const std::string text = proc.read(table.file, error);
  if (std::from_chars(text.data(), text.data() + text.size(), buckets).ec == std::errc())
    return static_cast<std::uint64_t>(std::abs(buckets));
  const std::string memory = proc.read("meminfo", error);  // "MemTotal:       24683596 kB"
  Cursor line(memory);
  std::string_view name;
  std::uint64_t kilobytes = 0;
  if (!line.word(name) || !line.dec(kilobytes)) return 0;
  return std::min(std::bit_ceil(kilobytes * 1024 / table.bytes), table.most);
}

/// True if netlink finds the wanted sockets in a table of listeners alone (inet_diag_dump_icsk()).
bool only_listeners(const Query& query) {
  constexpr StateMask kListeners = mask_of(State::listen, State::close);  // no request asks for closed TCP sockets
  return query.protocols == ProtocolSet{Protocol::tcp} && (query.states & ~kListeners) == 0;
}

/// Adds the walk over the hash table.
void add_walk(const PlannedTable& table, const ProcDir& proc, TableCost& cost) {
  for (const HashTable& hash : kHashTables) {
    if (!table.query.protocols.has(hash.protocol)) continue;
    cost.buckets = buckets_of(proc, hash);
    const auto buckets = static_cast<double>(cost.buckets);
    if (!only_listeners(table.query)) cost.netlink_us += buckets * hash.netlink_ns / 1000;
    cost.procfs_us += buckets * hash.procfs_ns / 1000 * static_cast<double>(table.files.size());
  }
}

std::uint64_t count_processes(const ProcDir& proc) {
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(proc.root().c_str()), ::closedir);
  std::uint64_t processes = 0;
  if (!dir) return 0;
  while (const dirent* entry = ::readdir(dir.get())) processes += entry->d_name[0] >= '0' && entry->d_name[0] <= '9';
  return processes;
}

TableCost cost_of(const PlannedTable& table, const Counts& counts, const SocketSummary& summary, const ProcDir& proc) {
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
  const auto sockets = static_cast<double>(cost.sockets);
  // No file has the number of listeners; there are few.
  cost.netlink_us = kTableUs + (only_listeners(table.query) ? 0 : sockets * kNetlinkNs / 1000);
  cost.procfs_us = kTableUs + sockets * kProcfsNs / 1000;
  if (cost.counted) add_walk(table, proc, cost);
  if (table.requests.empty()) cost.netlink_us = 0;
  if (table.files.empty()) cost.procfs_us = 0;
  return cost;
}

}  // namespace

Cost estimate(const Plan& plan, const ProcDir& proc, std::int64_t start_ns) {
  Cost cost;
  cost.start_us = static_cast<double>(start_ns) / 1000;
  const Counts counts = plan.tables.empty() ? Counts() : read_counts(proc);
  const SocketSummary summary = read_summary(proc, [](std::string_view, int) {});
  for (const PlannedTable& table : plan.tables) cost.tables.push_back(cost_of(table, counts, summary, proc));
  if (plan.process_files.empty()) return cost;
  cost.processes = count_processes(proc);
  int error = 0;
  Cursor(proc.read("sys/fs/file-nr", error)).dec(cost.files);
  cost.processes_us =
      static_cast<double>(cost.processes) * kProcessUs + static_cast<double>(cost.files) * kDescriptorUs;
  return cost;
}

std::string_view cost_source() {
  return "Processor time. Start: that of this process. 1.2 us per socket by netlink, 2.0 us by procfs, from the kernel "
         "to the printed row; 7.5 ns per bucket of a hash table by netlink, 17.5 ns in each file of procfs; 30 us per "
         "process and 2 us per open file: measured on one machine. \"duostat bench\" measures yours.";
}

}  // namespace duostat::native
