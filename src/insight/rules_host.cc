// Rules about limits that the kernel has for a whole host or network namespace: sockets without a process, memory,
// tracked connections, neighbours.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <cerrno>
#include <unordered_map>
#include <utility>

#include "src/insight/fact_check.h"
#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {

bool FactCheck::lacks_file(Fact fact) const { return last_.error(fact) == ENOENT; }

double share_of(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

std::string share_text(std::uint64_t part, std::uint64_t whole) { return fmt::format("{:.1f}", share_of(part, whole)); }

namespace {

/// The severity of a share: the highest threshold that it reaches.
std::optional<Severity> severity_of(double share, double critical, double warning) {
  if (share >= critical) return Severity::critical;
  if (share >= warning) return Severity::warning;
  return std::nullopt;
}

// ---- orphans ----

constexpr Threshold kOrphans[] = {
    {"critical", "%", 75, "share of tcp_max_orphans that is critical"},
    {"share", "%", 25,
     "share of tcp_max_orphans that is a warning: the kernel counts a penalised socket up to four times"},
};

class Orphans final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void conclude(unsigned, const Look&, Findings& findings) override {
    const std::uint64_t orphans = *now(Fact::tcp_orphan), most = *now(Fact::tcp_max_orphans);
    auto severity = severity_of(share_of(orphans, most), limit("critical"), limit("share"));
    if (!severity) return;
    std::string values = fmt::format("{} of {} ({} %)", orphans, most, share_text(orphans, most));
    // Only with many orphans: the counter also grows if all sockets together have too much memory (tcp-memory).
    if (const auto resets = grown(Fact::abort_on_memory); resets.value_or(0) != 0) {
      severity = Severity::critical;
      values += fmt::format(", {} reset in {:.1f} s", *resets, seconds());
    }
    findings.add({.severity = *severity,
                  .count = orphans,
                  .subject = "TCP sockets without a process",
                  .values = std::move(values),
                  .measures = {{"orphans", orphans}, {"orphans_max", most}}});
  }
};

// ---- time-wait ----

constexpr Threshold kTimeWait[] = {
    {"share", "%", 90, "share of tcp_max_tw_buckets that is noted"},
    {"limit", "sockets", 4096, "a lower tcp_max_tw_buckets is one that somebody chose: reaching it is never a warning"},
};

class TimeWait final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void conclude(unsigned, const Look&, Findings& findings) override {
    const std::uint64_t sockets = *now(Fact::tcp_time_wait), most = *now(Fact::tcp_max_tw_buckets);
    const std::uint64_t dropped = grown(Fact::time_wait_overflow).value_or(0);
    if (dropped == 0 && share_of(sockets, most) < limit("share")) return;
    const bool chosen = static_cast<double>(most) < limit("limit");
    std::string values = fmt::format("{} of {}", sockets, most);
    if (dropped != 0) values += fmt::format(", {} ended early in {:.1f} s", dropped, seconds());
    findings.add({.severity = dropped != 0 && !chosen ? Severity::warning : Severity::note,
                  .count = sockets,
                  .subject = "TIME-WAIT",
                  .values = std::move(values),
                  .measures = {{"time_wait", sockets}, {"time_wait_max", most}, {"ended_early", dropped}}});
  }
};

// ---- tcp-memory, udp-memory ----

constexpr Threshold kMemory[] = {{"critical", "%", 90, "share of the third figure of the sysctl that is critical"}};

/// The differences between the two rules.
struct MemoryKind {
  std::string_view subject;
  Fact used, pressure, high;
  /// Counters of the namespace that grow only if this memory is short.
  Fact refused, pressures;
};
constexpr MemoryKind kTcpMemory{"memory of TCP sockets", Fact::tcp_mem, Fact::tcp_mem_pressure, Fact::tcp_mem_high,
                                Fact::abort_on_memory, Fact::memory_pressures};
constexpr MemoryKind kUdpMemory{"memory of UDP sockets", Fact::udp_mem, Fact::udp_mem_pressure, Fact::udp_mem_high,
                                Fact::udp_memory_errors, Fact::udp6_memory_errors};

template <const MemoryKind& kind>
class Memory final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void begin_look(const Look& look) override {
    FactCheck::begin_look(look);
    held_.clear();
    pressure_ = now(kind.used) >= now(kind.pressure);
  }
  /// Memory by owner is added up only if it is short.
  void socket(const Socket& socket, const Look& look) override {
    if (!pressure_ || !socket.has(Field::skmem) || socket.inet == nullptr) return;
    const SocketMemory& memory = socket.inet->memory;
    Held& held = held_[owner_key(socket, look)];
    if (held.inode == 0 && socket.has(Field::inode)) held.inode = socket.inode;
    held.bytes += std::uint64_t{memory.skmem[0]} + memory.skmem[2];  // rmem_alloc and wmem_alloc
  }
  void conclude(unsigned, const Look& look, Findings& findings) override {
    const std::uint64_t used = *now(kind.used), pressure = *now(kind.pressure), high = *now(kind.high);
    const bool scarce = share_of(used, high) >= limit("critical") || grows(kind.refused);
    if (!scarce && used < pressure && !grows(kind.pressures)) return;
    Finding finding{.severity = scarce ? Severity::critical : Severity::warning,
                    .count = used,
                    .subject = std::string(kind.subject),
                    .values = fmt::format("{} pages; pressure from {}, limit {}", used, pressure, high),
                    .measures = {{"pages", used}, {"pressure_pages", pressure}, {"limit_pages", high}}};
    if (const auto refused = grown(kind.refused); refused.value_or(0) != 0)
      finding.values += fmt::format("; {} refused in {:.1f} s", *refused, seconds());
    name_holder(look, finding);
    findings.add(std::move(finding));
  }

 private:
  struct Held {
    std::uint64_t bytes = 0, inode = 0;
  };
  void name_holder(const Look& look, Finding& finding) const {
    const auto less = [](const auto& a, const auto& b) { return a.second.bytes < b.second.bytes; };
    const auto most = std::max_element(held_.begin(), held_.end(), less);
    if (most == held_.end() || most->second.bytes == 0) return;
    finding.owner = describe_owner(most->first, most->second.inode, look);
    finding.values += fmt::format("; {} of it here", bytes_text(most->second.bytes));
    finding.measures.push_back({"owner_bytes", most->second.bytes});
  }

  bool pressure_ = false;
  std::map<OwnerKey, Held> held_;
};

// ---- conntrack ----

constexpr Threshold kConntrack[] = {
    {"critical", "%", 95, "share of nf_conntrack_max that is critical"},
    {"share", "%", 75, "share of nf_conntrack_max that is a warning"},
};

class Conntrack final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void conclude(unsigned, const Look& look, Findings& findings) override {
    if (lacks_file(Fact::conntrack_count)) return;  // the module is not loaded: nothing is tracked
    for (const Fact fact : {Fact::conntrack_count, Fact::conntrack_max})
      if (!now(fact)) return findings.could_not_look(look.why_absent(fact));
    const std::uint64_t count = *now(Fact::conntrack_count), most = *now(Fact::conntrack_max);
    auto severity = severity_of(share_of(count, most), limit("critical"), limit("share"));
    std::string values = fmt::format("{} of {} ({} %)", count, most, share_text(count, most));
    const auto add = [&](Fact fact, std::string_view what, Severity least) {
      const auto more = grown(fact);
      if (more.value_or(0) == 0) return;
      values += fmt::format(", {} {} in {:.1f} s", *more, what, seconds());
      if (!severity || *severity < least) severity = least;
    };
    add(Fact::conntrack_drop, "packets dropped", Severity::critical);
    add(Fact::conntrack_early_drop, "entries evicted", Severity::warning);  // it evicts only if the table is full
    add(Fact::conntrack_insert_failed, "insertions failed", Severity::note);
    if (!severity) return;
    findings.add({.severity = *severity,
                  .count = count,
                  .subject = "tracked connections",
                  .values = std::move(values),
                  .measures = {{"connections", count}, {"connections_max", most}}});
  }
};

// ---- neighbours ----

constexpr Threshold kNeighbours[] = {{"share", "%", 80, "share of gc_thresh3 that is a warning"}};

struct NeighbourTable {
  std::string_view subject;
  Fact entries, full, forced, most;
};
constexpr NeighbourTable kNeighbourTables[] = {
    {"ARP cache", Fact::neighbours, Fact::neighbours_full, Fact::neighbours_forced_gc, Fact::neighbours_limit},
    {"IPv6 neighbour cache", Fact::neighbours6, Fact::neighbours6_full, Fact::neighbours6_forced_gc,
     Fact::neighbours6_limit},
};

class Neighbours final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (const NeighbourTable& table : kNeighbourTables) {
      if (&table != &kNeighbourTables[0] && lacks_file(table.entries)) continue;  // a kernel without IPv6
      look_at(table, look, findings);
    }
  }

 private:
  void look_at(const NeighbourTable& table, const Look& look, Findings& findings) const {
    for (const Fact fact : {table.entries, table.most})
      if (!now(fact)) return findings.looked_in_part(look.why_absent(fact));
    const std::uint64_t entries = *now(table.entries), most = *now(table.most);
    const std::uint64_t full = grown(table.full).value_or(0), forced = grown(table.forced).value_or(0);
    if (full == 0 && share_of(entries, most) < limit("share")) return;
    std::string values = fmt::format("{} of {} ({} %)", entries, most, share_text(entries, most));
    if (forced != 0) values += fmt::format(", {} forced collections in {:.1f} s", forced, seconds());
    if (full != 0) values += fmt::format(", full {} times in {:.1f} s", full, seconds());
    findings.add({.severity = full != 0 ? Severity::critical : Severity::warning,
                  .count = entries,
                  .subject = std::string(table.subject),
                  .values = std::move(values),
                  .measures = {{"entries", entries}, {"entries_max", most}, {"table_fulls", full}}});
  }
};

// ---- the rows ----

constexpr Rule kHostRules[] = {
    {.id = "orphans",
     .scope = RuleScope::host,
     .looks = RuleLooks::better_with_two,
     .facts = {Fact::tcp_orphan, Fact::tcp_max_orphans},
     .more_facts = {Fact::abort_on_memory},
     .condition = "TCP sockets that no process holds any more, as a share of tcp_max_orphans",
     .thresholds = kOrphans,
     .critical = "the share is reached, or the kernel resets such sockets while they are a warning",
     .warning = "the share is reached",
     .guard = "the counter of resets counts only with many orphans, because memory alone makes it grow too",
     .meaning = "The kernel resets closed connections before their last data are acknowledged, so peers lose the end "
                "of an answer.",
     .advice = "Find peers that vanish: ss -tano state fin-wait-1 state last-ack shows retransmissions; lower "
               "net.ipv4.tcp_orphan_retries, or raise net.ipv4.tcp_max_orphans (up to 64 kB of memory each, which "
               "cannot be swapped).",
     .make = make_check<Orphans>},
    {.id = "time-wait",
     .looks = RuleLooks::better_with_two,
     .facts = {Fact::tcp_time_wait, Fact::tcp_max_tw_buckets},
     .more_facts = {Fact::time_wait_overflow},
     .condition = "sockets in TIME-WAIT as a share of tcp_max_tw_buckets, and how many ended early for want of room",
     .thresholds = kTimeWait,
     .warning = "TIME-WAIT sockets end early, and the limit is not a low one that somebody chose",
     .note = "the share is reached, or sockets end early at a low limit",
     .guard = "today's clients are not harmed by a TIME-WAIT that ends early",
     .meaning = "Late segments of old connections can be taken for those of new ones; what TIME-WAIT usually costs is "
                "ports: see the rule ports.",
     .advice = "Reuse connections instead of opening one for each request; raising net.ipv4.tcp_max_tw_buckets costs "
               "memory only.",
     .make = make_check<TimeWait>},
    {.id = "tcp-memory",
     .scope = RuleScope::host,
     .looks = RuleLooks::better_with_two,
     .protocols = kTcpProtocols,
     .uses = {Field::skmem, Field::inode, Field::uid},
     .facts = {Fact::tcp_mem, Fact::tcp_mem_pressure, Fact::tcp_mem_high},
     .more_facts = {Fact::abort_on_memory, Fact::memory_pressures},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "pages that TCP sockets use (mem in sockstat), compared with net.ipv4.tcp_mem",
     .thresholds = kMemory,
     .critical = "the share of the third figure is reached, or connections are reset for want of memory",
     .warning = "the second figure is reached (pressure), or the kernel entered pressure between the looks",
     .guard = "each processor keeps some pages in reserve: the figure is exact to some hundred pages",
     .meaning = "The kernel shrinks the windows of all connections, then drops received data and resets connections.",
     .advice = "ss -tm --by=process --sum=skmem.rmem_alloc,skmem.wmem_alloc shows who holds it; fix the reader or "
               "sender that lags, or raise net.ipv4.tcp_mem; a control group has a limit of its own (sock in "
               "memory.stat).",
     .make = make_check<Memory<kTcpMemory>>},
    {.id = "udp-memory",
     .scope = RuleScope::host,
     .looks = RuleLooks::better_with_two,
     .protocols = kUdpProtocols,
     .uses = {Field::skmem, Field::inode, Field::uid},
     .facts = {Fact::udp_mem, Fact::udp_mem_pressure, Fact::udp_mem_high},
     .more_facts = {Fact::udp_memory_errors, Fact::udp6_memory_errors},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "pages that UDP sockets use (mem in sockstat), compared with net.ipv4.udp_mem",
     .thresholds = kMemory,
     .critical = "the share of the third figure is reached, or datagrams are dropped for want of memory",
     .warning = "the second figure is reached",
     .guard = "each processor keeps some pages in reserve: the figure is exact to some hundred pages",
     .meaning = "The kernel drops datagrams for every program of this host.",
     .advice = "ss -um --by=process --sum=skmem.rmem_alloc shows who holds it; a faster reader, a smaller SO_RCVBUF, "
               "or more net.ipv4.udp_mem.",
     .make = make_check<Memory<kUdpMemory>>},
    {.id = "conntrack",
     .looks = RuleLooks::better_with_two,
     .more_facts = {Fact::conntrack_count, Fact::conntrack_max, Fact::conntrack_drop, Fact::conntrack_early_drop,
                    Fact::conntrack_insert_failed},
     .condition = "connections that netfilter tracks, as a share of nf_conntrack_max, and packets it dropped for that",
     .thresholds = kConntrack,
     .critical = "the share is reached, or packets are dropped between the looks",
     .warning = "the share is reached, or entries are evicted between the looks, which happens only if the table is "
                "full",
     .note = "insertions fail between the looks",
     .guard = "without the module nothing is tracked, and nothing is reported",
     .meaning = "New connections of every program, and those that this host forwards, fail at random.",
     .advice = "Raise net.netfilter.nf_conntrack_max together with the buckets (320 bytes an entry); shorten "
               "nf_conntrack_tcp_timeout_established (5 days); exempt traffic with NOTRACK; insertions that fail come "
               "from races of DNS clients and source NAT.",
     .make = make_check<Conntrack>},
    {.id = "neighbours",
     .scope = RuleScope::host,
     .looks = RuleLooks::better_with_two,
     .more_facts = {Fact::neighbours, Fact::neighbours_full, Fact::neighbours_forced_gc, Fact::neighbours_limit,
                    Fact::neighbours6, Fact::neighbours6_full, Fact::neighbours6_forced_gc, Fact::neighbours6_limit},
     .condition = "entries of the ARP and IPv6 neighbour caches, as a share of gc_thresh3",
     .thresholds = kNeighbours,
     .critical = "a new neighbour found no room between the looks",
     .warning = "the share is reached",
     .guard = "gc_thresh1 and gc_thresh2 are only advice to the collector: they are not compared; permanent entries, "
              "which overlay networks set for each node, are counted although the limit leaves them out since "
              "Linux 5.0 (`ip neigh show nud permanent`)",
     .meaning = "Connections to hosts of the local network fail (\"Neighbour table overflow\" in the kernel's log).",
     .advice = "Raise net.ipv4.neigh.default.gc_thresh3 (net.ipv6.neigh.default.gc_thresh3), with gc_thresh1 and "
               "gc_thresh2 below it; common on large layer-2 networks and nodes of Kubernetes.",
     .make = make_check<Neighbours>},
};

}  // namespace

std::span<const Rule> host_rules() { return kHostRules; }

}  // namespace duostat
