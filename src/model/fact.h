// Numbers of the host and of its network namespace that are not about one socket: limits, queues, counters. One row
// each.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string_view>

namespace duostat {

/// Whose number it is. A host's number is the same in every network namespace, or its file exists only in the initial
/// one.
enum class FactScope : std::uint8_t { network_namespace, host };

/// The position of a number in its file.
enum class FactForm : std::uint8_t {
  word,      ///< the word number `index` of the file
  labelled,  ///< `key` is "LINE LABEL": the number after LABEL in the line that begins with LINE (sockstat)
  pair,      ///< `key` is "SECTION NAME": the number below NAME in a pair of lines (net/snmp, net/netstat)
  name,      ///< the number after `key`, a line each (net/snmp6)
  sum,       ///< hexadecimal, a line for each processor: the sum of the column titled `key`, or number `index`
  first,     ///< the same, but each line has the number of the whole host
  receive,   ///< the sum over all interfaces of column `index` (net/dev)
};

// clang-format off
/// FACT(name, scope, form, file, key, index). The source in the kernel is the file of that name, unless noted.
#define DUOSTAT_FACTS(FACT) \
  FACT(tcp_inuse, network_namespace, labelled, "net/sockstat", "TCP: inuse", 0) \
  FACT(tcp6_inuse, network_namespace, labelled, "net/sockstat6", "TCP6: inuse", 0) \
  FACT(tcp_time_wait, network_namespace, labelled, "net/sockstat", "TCP: tw", 0) \
  FACT(tcp_orphan, host, labelled, "net/sockstat", "TCP: orphan", 0) \
  FACT(tcp_alloc, host, labelled, "net/sockstat", "TCP: alloc", 0) \
  FACT(tcp_mem, host, labelled, "net/sockstat", "TCP: mem", 0)  /* pages */ \
  FACT(udp_mem, host, labelled, "net/sockstat", "UDP: mem", 0)  /* pages */ \
  FACT(tcp_max_orphans, host, word, "sys/net/ipv4/tcp_max_orphans", "", 0) \
  FACT(tcp_mem_pressure, host, word, "sys/net/ipv4/tcp_mem", "", 1) \
  FACT(tcp_mem_high, host, word, "sys/net/ipv4/tcp_mem", "", 2) \
  FACT(udp_mem_pressure, host, word, "sys/net/ipv4/udp_mem", "", 1)  /* pages */ \
  FACT(udp_mem_high, host, word, "sys/net/ipv4/udp_mem", "", 2) \
  FACT(tcp_max_tw_buckets, network_namespace, word, "sys/net/ipv4/tcp_max_tw_buckets", "", 0) \
  FACT(tcp_tw_reuse, network_namespace, word, "sys/net/ipv4/tcp_tw_reuse", "", 0) \
  FACT(tcp_timestamps, network_namespace, word, "sys/net/ipv4/tcp_timestamps", "", 0) \
  FACT(local_port_low, network_namespace, word, "sys/net/ipv4/ip_local_port_range", "", 0) \
  FACT(local_port_high, network_namespace, word, "sys/net/ipv4/ip_local_port_range", "", 1) \
  FACT(somaxconn, network_namespace, word, "sys/net/core/somaxconn", "", 0) \
  FACT(conntrack_count, network_namespace, word, "sys/net/netfilter/nf_conntrack_count", "", 0) \
  FACT(conntrack_max, host, word, "sys/net/netfilter/nf_conntrack_max", "", 0) \
  FACT(conntrack_drop, network_namespace, sum, "net/stat/nf_conntrack", "drop", 0) \
  FACT(conntrack_early_drop, network_namespace, sum, "net/stat/nf_conntrack", "early_drop", 0) \
  FACT(conntrack_insert_failed, network_namespace, sum, "net/stat/nf_conntrack", "insert_failed", 0) \
  FACT(neighbours, host, first, "net/stat/arp_cache", "entries", 0) \
  FACT(neighbours_full, host, sum, "net/stat/arp_cache", "table_fulls", 0) \
  FACT(neighbours_forced_gc, host, sum, "net/stat/arp_cache", "forced_gc_runs", 0) \
  FACT(neighbours_limit, host, word, "sys/net/ipv4/neigh/default/gc_thresh3", "", 0) \
  FACT(neighbours6, host, first, "net/stat/ndisc_cache", "entries", 0) \
  FACT(neighbours6_full, host, sum, "net/stat/ndisc_cache", "table_fulls", 0) \
  FACT(neighbours6_forced_gc, host, sum, "net/stat/ndisc_cache", "forced_gc_runs", 0) \
  FACT(neighbours6_limit, host, word, "sys/net/ipv6/neigh/default/gc_thresh3", "", 0) \
  FACT(file_handles, host, word, "sys/fs/file-nr", "", 0) \
  FACT(file_max, host, word, "sys/fs/file-nr", "", 2) \
  FACT(listen_overflows, network_namespace, pair, "net/netstat", "TcpExt ListenOverflows", 0) \
  FACT(syncookies_sent, network_namespace, pair, "net/netstat", "TcpExt SyncookiesSent", 0) \
  FACT(syncookies_failed, network_namespace, pair, "net/netstat", "TcpExt SyncookiesFailed", 0) \
  FACT(req_queue_full_cookies, network_namespace, pair, "net/netstat", "TcpExt TCPReqQFullDoCookies", 0) \
  FACT(req_queue_full_drop, network_namespace, pair, "net/netstat", "TcpExt TCPReqQFullDrop", 0) \
  FACT(time_wait_overflow, network_namespace, pair, "net/netstat", "TcpExt TCPTimeWaitOverflow", 0) \
  FACT(memory_pressures, network_namespace, pair, "net/netstat", "TcpExt TCPMemoryPressures", 0) \
  FACT(receive_queue_drop, network_namespace, pair, "net/netstat", "TcpExt TCPRcvQDrop", 0) \
  FACT(backlog_drop, network_namespace, pair, "net/netstat", "TcpExt TCPBacklogDrop", 0) \
  FACT(out_of_order_drop, network_namespace, pair, "net/netstat", "TcpExt TCPOFODrop", 0) \
  FACT(abort_on_memory, network_namespace, pair, "net/netstat", "TcpExt TCPAbortOnMemory", 0) \
  FACT(abort_on_timeout, network_namespace, pair, "net/netstat", "TcpExt TCPAbortOnTimeout", 0) \
  FACT(abort_failed, network_namespace, pair, "net/netstat", "TcpExt TCPAbortFailed", 0) \
  FACT(lost_retransmit, network_namespace, pair, "net/netstat", "TcpExt TCPLostRetransmit", 0) \
  FACT(loss_failures, network_namespace, pair, "net/netstat", "TcpExt TCPLossFailures", 0) \
  FACT(pfmemalloc_drop, network_namespace, pair, "net/netstat", "TcpExt PFMemallocDrop", 0) \
  FACT(reassembly_failed, network_namespace, pair, "net/snmp", "Ip ReasmFails", 0) \
  FACT(tcp_in_errors, network_namespace, pair, "net/snmp", "Tcp InErrs", 0) \
  FACT(tcp_checksum_errors, network_namespace, pair, "net/snmp", "Tcp InCsumErrors", 0) \
  FACT(udp_in_datagrams, network_namespace, pair, "net/snmp", "Udp InDatagrams", 0) \
  FACT(udp_buffer_errors, network_namespace, pair, "net/snmp", "Udp RcvbufErrors", 0) \
  FACT(udp_memory_errors, network_namespace, pair, "net/snmp", "Udp MemErrors", 0) \
  FACT(udp_checksum_errors, network_namespace, pair, "net/snmp", "Udp InCsumErrors", 0) \
  FACT(udp6_in_datagrams, network_namespace, name, "net/snmp6", "Udp6InDatagrams", 0) \
  FACT(udp6_buffer_errors, network_namespace, name, "net/snmp6", "Udp6RcvbufErrors", 0) \
  FACT(udp6_memory_errors, network_namespace, name, "net/snmp6", "Udp6MemErrors", 0) \
  FACT(udp6_checksum_errors, network_namespace, name, "net/snmp6", "Udp6InCsumErrors", 0) \
  FACT(reassembly6_failed, network_namespace, name, "net/snmp6", "Ip6ReasmFails", 0) \
  FACT(softnet_dropped, host, sum, "net/softnet_stat", "", 1)  /* softnet_seq_show() */ \
  FACT(interface_rx_dropped, network_namespace, receive, "net/dev", "", 3)  /* rx_dropped and rx_missed_errors */
// clang-format on

enum class Fact : std::uint8_t {
#define DUOSTAT_FACT(name, scope, form, file, key, index) name,
  DUOSTAT_FACTS(DUOSTAT_FACT)
#undef DUOSTAT_FACT
  count_
};
inline constexpr std::size_t kFacts = static_cast<std::size_t>(Fact::count_);

struct FactRow {
  std::string_view name;  ///< the enumerator, for JSON and messages
  FactScope scope;
  FactForm form;
  std::string_view file;  ///< relative to the proc directory
  std::string_view key;
  std::uint8_t index;
};
inline constexpr FactRow kFactRows[] = {
#define DUOSTAT_FACT(name, scope, form, file, key, index) \
  {#name, FactScope::scope, FactForm::form, file, key, index},
    DUOSTAT_FACTS(DUOSTAT_FACT)
#undef DUOSTAT_FACT
};
static_assert(std::size(kFactRows) == kFacts);
constexpr const FactRow& row_of(Fact fact) { return kFactRows[static_cast<std::size_t>(fact)]; }

class FactSet {
 public:
  constexpr FactSet() = default;
  constexpr FactSet(std::initializer_list<Fact> facts) {
    for (const Fact f : facts) add(f);
  }
  constexpr bool has(Fact f) const { return (word(f) >> bit(f) & 1) != 0; }
  constexpr FactSet& add(Fact f) { return word(f) |= std::uint64_t{1} << bit(f), *this; }
  constexpr FactSet& add(FactSet others) {
    for (std::size_t i = 0; i < std::size(words_); ++i) words_[i] |= others.words_[i];
    return *this;
  }
  constexpr bool empty() const { return words_[0] == 0 && words_[1] == 0; }

 private:
  static constexpr unsigned bit(Fact f) { return static_cast<unsigned>(f) % 64; }
  constexpr std::uint64_t& word(Fact f) { return words_[static_cast<unsigned>(f) / 64]; }
  constexpr const std::uint64_t& word(Fact f) const { return words_[static_cast<unsigned>(f) / 64]; }
  std::uint64_t words_[2] = {};
};
static_assert(kFacts <= 128);

/// The facts of one look. One that was not read is absent, never 0.
class Facts {
 public:
  std::optional<std::uint64_t> get(Fact fact) const { return at(fact).value; }
  /// Why a fact is absent: the errno of its file; 0 if the file was read and has no such number, or if the fact was not
  /// asked for.
  int error(Fact fact) const { return at(fact).error; }

  void set(Fact fact, std::uint64_t value) { at(fact) = {value, 0}; }
  void set_error(Fact fact, int error) { at(fact) = {std::nullopt, error}; }

 private:
  struct Known {
    std::optional<std::uint64_t> value;
    int error = 0;
  };
  Known& at(Fact fact) { return known_[static_cast<std::size_t>(fact)]; }
  const Known& at(Fact fact) const { return known_[static_cast<std::size_t>(fact)]; }
  std::array<Known, kFacts> known_{};
};

/// The growth of a counter between two looks; nullopt if one of them lacks it, or if it went backwards.
inline std::optional<std::uint64_t> growth(const Facts& before, const Facts& after, Fact fact) {
  const auto a = before.get(fact), b = after.get(fact);
  return a && b && *b >= *a ? std::optional(*b - *a) : std::nullopt;
}

}  // namespace duostat
