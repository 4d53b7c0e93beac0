// The rule about counters that should stand still: a row each.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include "src/insight/fact_check.h"
#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

struct CounterRule {
  Fact fact;
  Severity severity;
  std::string_view subject;  ///< the counter, as nstat or the file calls it
  std::string_view meaning, advice;
};
constexpr std::string_view kSlowReader = "A program reads too slowly, or its SO_RCVBUF is too small: see reader-slow.";
constexpr std::string_view kPath = "Look at the path: cables, interfaces (ip -s link), middleboxes that rewrite.";
constexpr CounterRule kCounters[] = {
    {Fact::backlog_drop, Severity::warning, "TcpExtTCPBacklogDrop",
     "Segments were dropped because a program kept its socket locked while more arrived.", kSlowReader},
    {Fact::receive_queue_drop, Severity::warning, "TcpExtTCPRcvQDrop",
     "Received data were dropped because the receive queue was full.", kSlowReader},
    {Fact::abort_on_memory, Severity::warning, "TcpExtTCPAbortOnMemory",
     "Connections were reset for want of memory or because of too many orphans.",
     "See the rules tcp-memory and orphans."},
    {Fact::tcp_in_errors, Severity::warning, "TcpInErrs", "Damaged segments arrived.", kPath},
    {Fact::tcp_checksum_errors, Severity::warning, "TcpInCsumErrors", "Segments arrived with a wrong checksum.", kPath},
    {Fact::udp_checksum_errors, Severity::warning, "UdpInCsumErrors", "Datagrams arrived with a wrong checksum.",
     kPath},
    {Fact::udp6_checksum_errors, Severity::warning, "Udp6InCsumErrors", "Datagrams arrived with a wrong checksum.",
     kPath},
    {Fact::softnet_dropped, Severity::warning, "softnet_stat dropped",
     "A processor's queue of received packets was full.",
     "Raise net.core.netdev_max_backlog, or spread the load (RPS, more queues of the interface)."},
    {Fact::interface_rx_dropped, Severity::warning, "rx_dropped",
     "Interfaces dropped received packets, or no protocol of this host wanted them.",
     "ip -s -s link names the interface; a larger ring (ethtool -G) if it counts rx_missed."},
    {Fact::pfmemalloc_drop, Severity::warning, "TcpExtPFMemallocDrop",
     "Packets were dropped because the host is almost out of memory.", "Free memory, or raise vm.min_free_kbytes."},
    {Fact::reassembly_failed, Severity::warning, "IpReasmFails", "Fragments could not be put together.",
     "Avoid fragments (path MTU), or raise net.ipv4.ipfrag_high_thresh."},
    {Fact::reassembly6_failed, Severity::warning, "Ip6ReasmFails", "Fragments could not be put together.",
     "Avoid fragments (path MTU), or raise net.ipv6.ip6frag_high_thresh."},
    {Fact::out_of_order_drop, Severity::note, "TcpExtTCPOFODrop",
     "Segments that arrived early were dropped for want of room.", kSlowReader},
    {Fact::abort_on_timeout, Severity::note, "TcpExtTCPAbortOnTimeout",
     "Connections ended because the peer no longer answers.", "See the rule peer-silent."},
    {Fact::abort_failed, Severity::note, "TcpExtTCPAbortFailed", "A reset could not be sent for want of memory.",
     "See the rule tcp-memory."},
    {Fact::lost_retransmit, Severity::note, "TcpExtTCPLostRetransmit", "Retransmitted segments were lost again.",
     "See the rule retransmits."},
    {Fact::loss_failures, Severity::note, "TcpExtTCPLossFailures", "Recoveries from loss ended in a time-out.",
     "See the rule retransmits."},
};

constexpr FactSet all_counters() {
  FactSet all;
  for (const CounterRule& counter : kCounters) all.add(counter.fact);
  return all;
}

constexpr Threshold kThresholds[] = {{"rate", "a second", 1, "growth of a counter that is reported"}};

class Counters final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void conclude(unsigned looks, const Look& look, Findings& findings) override {
    if (looks < 2) return;
    for (const CounterRule& counter : kCounters) {
      if (row_of(counter.fact).scope == FactScope::host && !look.initial_namespace) continue;
      if (!now(counter.fact)) {
        // A counter that this kernel lacks in a file that it has does not exist.
        if (look.facts.error(counter.fact) != 0) findings.looked_in_part(look.why_absent(counter.fact));
        continue;
      }
      const std::uint64_t more = grown(counter.fact).value_or(0);
      if (more == 0 || static_cast<double>(more) <= limit("rate") * seconds()) continue;
      findings.add({.severity = counter.severity,
                    .count = more,
                    .subject = std::string(counter.subject),
                    .values = fmt::format("{} in {:.1f} s", more, seconds()),
                    .measures = {{"growth", more}},
                    .meaning = counter.meaning,
                    .advice = counter.advice});
    }
  }
};

constexpr Rule kCountersRules[] = {
    {.id = "counters",
     .looks = RuleLooks::two,
     .more_facts = all_counters(),
     .condition = "counters of dropped and damaged packets that grow between the looks",
     .thresholds = kThresholds,
     .warning = "the kernel or an interface drops data: TCPBacklogDrop, TCPRcvQDrop, TCPAbortOnMemory, InErrs, "
                "InCsumErrors, PFMemallocDrop, ReasmFails, softnet dropped, rx_dropped",
     .note = "TCP loses or gives up: TCPOFODrop, TCPAbortOnTimeout, TCPAbortFailed, TCPLostRetransmit, "
             "TCPLossFailures",
     .guard = "a counter that grew before the first look is not reported, nor one that this kernel lacks",
     .meaning = "Data are lost on this host.",
     .advice = "nstat shows the same counters; each finding has advice of its own.",
     .make = make_check<Counters>},
};

}  // namespace

std::span<const Rule> counters_rules() { return kCountersRules; }

}  // namespace duostat
