// The rules about facts: when each fires, how severe it is, and when it stays silent.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "tests/insight/audit_world.h"

using namespace duostat;

namespace {

/// One rule over facts of one or two looks.
class OneRule : public test::AuditWorld {
 public:
  explicit OneRule(std::string_view id) : id_(id) {}
  void set(const std::string& threshold, double value) { settings.emplace_back(threshold, value); }
  const std::vector<Finding>& look(const std::vector<Facts>& looks) {
    facts = looks[0];
    if (looks.size() > 1) later = looks[1];
    return run(id_, static_cast<unsigned>(looks.size()));
  }

 private:
  std::string_view id_;
};

Facts facts_of(std::initializer_list<std::pair<Fact, std::uint64_t>> values) {
  Facts facts;
  for (const auto& [fact, value] : values) facts.set(fact, value);
  return facts;
}

/// "critical tcp: 900 of 1000", a finding a line.
std::string found(OneRule& rule, const std::vector<Facts>& looks) {
  std::string text;
  for (const Finding& finding : rule.look(looks))
    text += std::string(word_of(finding.severity)) + " " +
            (finding.subject.empty() ? finding.owner.name : finding.subject) + ": " + finding.values + "\n";
  return text;
}

/// The reasons, a line each.
std::string not_looked(OneRule& rule, const std::vector<Facts>& looks) {
  std::string text;
  rule.look(looks);
  for (const NotLooked& missing : rule.not_looked) text += (missing.in_part ? "in part: " : "") + missing.reason + "\n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(host_rules)

BOOST_AUTO_TEST_CASE(orphans_by_share_and_by_resets) {
  OneRule rule("orphans");
  const auto at = [](std::uint64_t orphans, std::uint64_t resets) {
    return facts_of({{Fact::tcp_orphan, orphans}, {Fact::tcp_max_orphans, 1000}, {Fact::abort_on_memory, resets}});
  };
  BOOST_TEST(found(rule, {at(249, 5)}).empty());
  BOOST_TEST(found(rule, {at(250, 5)}) == "warning TCP sockets without a process: 250 of 1000 (25.0 %)\n");
  BOOST_TEST(found(rule, {at(750, 5)}) == "critical TCP sockets without a process: 750 of 1000 (75.0 %)\n");
  BOOST_TEST(found(rule, {at(260, 5), at(300, 7)}) ==
             "critical TCP sockets without a process: 300 of 1000 (30.0 %), 2 reset in 1.0 s\n");
  BOOST_TEST(found(rule, {at(5, 5), at(6, 7)}).empty());  // memory, not orphans
  rule.set("share", 50);
  BOOST_TEST(found(rule, {at(260, 5)}).empty());
}

BOOST_AUTO_TEST_CASE(a_rule_of_the_host_looks_only_in_the_initial_namespace) {
  OneRule rule("orphans");
  const Facts facts = facts_of({{Fact::tcp_orphan, 900}, {Fact::tcp_max_orphans, 1000}});
  rule.initial = false;
  BOOST_TEST(found(rule, {facts}).empty());
  BOOST_TEST(not_looked(rule, {facts}).find("not the initial network namespace") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_absent_fact_is_named) {
  OneRule rule("orphans");
  Facts facts = facts_of({{Fact::tcp_orphan, 900}});
  facts.set_error(Fact::tcp_max_orphans, EACCES);
  BOOST_TEST(found(rule, {facts}).empty());
  BOOST_TEST(not_looked(rule, {facts}) == "tcp_max_orphans is absent\n");
}

BOOST_AUTO_TEST_CASE(time_wait_is_a_warning_only_at_a_limit_that_nobody_chose) {
  OneRule rule("time-wait");
  const auto at = [](std::uint64_t sockets, std::uint64_t most, std::uint64_t early) {
    return facts_of(
        {{Fact::tcp_time_wait, sockets}, {Fact::tcp_max_tw_buckets, most}, {Fact::time_wait_overflow, early}});
  };
  BOOST_TEST(found(rule, {at(44, 50, 9)}).empty());
  BOOST_TEST(found(rule, {at(50, 50, 9)}) == "note TIME-WAIT: 50 of 50\n");
  BOOST_TEST(found(rule, {at(50, 50, 9), at(50, 50, 30)}) == "note TIME-WAIT: 50 of 50, 21 ended early in 1.0 s\n");
  BOOST_TEST(found(rule, {at(65536, 65536, 9), at(65536, 65536, 30)}) ==
             "warning TIME-WAIT: 65536 of 65536, 21 ended early in 1.0 s\n");
}

BOOST_AUTO_TEST_CASE(tcp_memory_by_pages_and_by_resets) {
  OneRule rule("tcp-memory");
  const auto at = [](std::uint64_t pages, std::uint64_t resets, std::uint64_t pressures) {
    return facts_of({{Fact::tcp_mem, pages}, {Fact::tcp_mem_pressure, 100}, {Fact::tcp_mem_high, 200},
                     {Fact::abort_on_memory, resets}, {Fact::memory_pressures, pressures}});
  };
  BOOST_TEST(found(rule, {at(99, 4, 4)}).empty());
  BOOST_TEST(found(rule, {at(100, 4, 4)}) ==
             "warning memory of TCP sockets: 100 pages; pressure from 100, limit 200\n");
  BOOST_TEST(found(rule, {at(180, 4, 4)}) ==
             "critical memory of TCP sockets: 180 pages; pressure from 100, limit 200\n");
  BOOST_TEST(found(rule, {at(50, 4, 4), at(50, 4, 5)}) ==
             "warning memory of TCP sockets: 50 pages; pressure from 100, limit 200\n");
  BOOST_TEST(found(rule, {at(50, 4, 4), at(50, 6, 4)}) ==
             "critical memory of TCP sockets: 50 pages; pressure from 100, limit 200; 2 refused in 1.0 s\n");
}

BOOST_AUTO_TEST_CASE(memory_names_the_owner_that_holds_most) {
  OneRule rule("udp-memory");
  test::Made &small = rule.udp("127.0.0.1:7"), &large = rule.udp("127.0.0.1:8");
  small.inet.memory.skmem[0] = 1000;
  large.inet.memory.skmem[0] = 3'000'000, large.inet.memory.skmem[2] = 500'000;
  rule.hold(small, 41, "small", 0);
  rule.hold(large, 42, "large");
  const auto at = [](std::uint64_t pages) {
    return facts_of({{Fact::udp_mem, pages}, {Fact::udp_mem_pressure, 100}, {Fact::udp_mem_high, 2000}});
  };
  BOOST_TEST(found(rule, {at(99)}).empty());
  BOOST_TEST(found(rule, {at(150)}).find("of it here") != std::string::npos);
  const std::vector<Finding>& findings = rule.look({at(150)});
  BOOST_TEST(findings[0].measures.back().value == 3'500'000U);
  BOOST_TEST(findings[0].owner.name == "large");
  BOOST_TEST(findings[0].owner.user == "user1000");
}

BOOST_AUTO_TEST_CASE(conntrack_without_the_module_is_not_applicable) {
  OneRule rule("conntrack");
  Facts none;
  none.set_error(Fact::conntrack_count, ENOENT);
  none.set_error(Fact::conntrack_max, ENOENT);
  BOOST_TEST(found(rule, {none}).empty());
  BOOST_TEST(not_looked(rule, {none}).empty());
  none.set_error(Fact::conntrack_count, EACCES);
  BOOST_TEST(not_looked(rule, {none}) == "conntrack_count is absent\n");
}

BOOST_AUTO_TEST_CASE(conntrack_by_share_and_by_drops) {
  OneRule rule("conntrack");
  const auto at = [](std::uint64_t count, std::uint64_t drop, std::uint64_t early, std::uint64_t failed) {
    return facts_of({{Fact::conntrack_count, count}, {Fact::conntrack_max, 1000}, {Fact::conntrack_drop, drop},
                     {Fact::conntrack_early_drop, early}, {Fact::conntrack_insert_failed, failed}});
  };
  BOOST_TEST(found(rule, {at(749, 1, 1, 1)}).empty());
  BOOST_TEST(found(rule, {at(750, 1, 1, 1)}) == "warning tracked connections: 750 of 1000 (75.0 %)\n");
  BOOST_TEST(found(rule, {at(950, 1, 1, 1)}) == "critical tracked connections: 950 of 1000 (95.0 %)\n");
  BOOST_TEST(found(rule, {at(5, 1, 1, 1), at(5, 4, 1, 1)}) ==
             "critical tracked connections: 5 of 1000 (0.5 %), 3 packets dropped in 1.0 s\n");
  BOOST_TEST(found(rule, {at(5, 1, 1, 1), at(5, 1, 2, 1)}) ==
             "warning tracked connections: 5 of 1000 (0.5 %), 1 entries evicted in 1.0 s\n");
  BOOST_TEST(found(rule, {at(5, 1, 1, 1), at(5, 1, 1, 3)}) ==
             "note tracked connections: 5 of 1000 (0.5 %), 2 insertions failed in 1.0 s\n");
}

BOOST_AUTO_TEST_CASE(neighbours_by_family) {
  OneRule rule("neighbours");
  const auto at = [](std::uint64_t entries, std::uint64_t full) {
    Facts facts =
        facts_of({{Fact::neighbours, entries}, {Fact::neighbours_full, full}, {Fact::neighbours_limit, 1024}});
    facts.set_error(Fact::neighbours6, ENOENT);
    return facts;
  };
  BOOST_TEST(found(rule, {at(819, 4)}).empty());
  BOOST_TEST(not_looked(rule, {at(819, 4)}).empty());  // a kernel without IPv6
  BOOST_TEST(found(rule, {at(820, 4)}) == "warning ARP cache: 820 of 1024 (80.1 %)\n");
  BOOST_TEST(found(rule, {at(500, 4), at(500, 6)}) ==
             "critical ARP cache: 500 of 1024 (48.8 %), full 2 times in 1.0 s\n");
  Facts lacking;
  lacking.set_error(Fact::neighbours, EACCES);
  lacking.set_error(Fact::neighbours6, ENOENT);
  BOOST_TEST(not_looked(rule, {lacking}) == "in part: neighbours is absent\n");
}

BOOST_AUTO_TEST_CASE(counters_must_grow_by_more_than_one_a_second) {
  OneRule rule("counters");
  const auto at = [](std::uint64_t backlog, std::uint64_t softnet) {
    return facts_of({{Fact::backlog_drop, backlog}, {Fact::softnet_dropped, softnet}});
  };
  BOOST_TEST(found(rule, {at(99, 99)}).empty());
  BOOST_TEST(found(rule, {at(9, 9), at(10, 9)}).empty());
  BOOST_TEST(found(rule, {at(9, 9), at(11, 9)}) == "warning TcpExtTCPBacklogDrop: 2 in 1.0 s\n");
  BOOST_TEST(found(rule, {at(9, 9), at(9, 30)}) == "warning softnet_stat dropped: 21 in 1.0 s\n");
  BOOST_TEST(not_looked(rule, {at(9, 9), at(9, 9)}).empty());  // this kernel lacks the others
  rule.initial = false;
  BOOST_TEST(found(rule, {at(9, 9), at(9, 30)}).empty());
}

BOOST_AUTO_TEST_CASE(descriptors_by_share_one_degree_less_if_the_limit_may_rise) {
  OneRule rule("descriptors");
  const Facts facts = facts_of({{Fact::file_handles, 89}, {Fact::file_max, 100}});
  rule.descriptors.uses = {{1, "small", 250, {255, 255}}, {2, "half", 512, {1024, 1024}},
                           {3, "high", 820, {1024, 1024}}, {4, "full", 1020, {1024, 1024}},
                           {5, "grows", 820, {1024, 4096}}, {6, "late", 1020, {1024, std::nullopt}},
                           {7, "unlimited", 5000, {std::nullopt, std::nullopt}}};
  BOOST_TEST(found(rule, {facts}) ==
             "critical full: 1020 of 1024 descriptors (99.6 %)\n"
             "warning late: 1020 of 1024 descriptors (99.6 %); the program may raise this limit itself\n"
             "warning high: 820 of 1024 descriptors (80.1 %)\n"
             "note grows: 820 of 1024 descriptors (80.1 %); the program may raise this limit itself\n");
  rule.descriptors.uses.clear();
  BOOST_TEST(found(rule, {facts_of({{Fact::file_handles, 90}, {Fact::file_max, 100}})}) ==
             "warning open files of the host: 90 of 100 (90.0 %)\n");
  rule.descriptors.denied = 2;
  BOOST_TEST(not_looked(rule, {facts}) == "in part: no permission to count the descriptors of 2 processes\n");
}

BOOST_AUTO_TEST_CASE(closed_sockets_are_looked_for_only_if_the_kernel_counts_enough) {
  class Source final : public ClosedSocketSource {
   public:
    ClosedSockets find(std::uint64_t least) override { return asked = least, found; }
    ClosedSockets found;
    std::uint64_t asked = 0;
  } source;
  source.found.holders = {{7, "leaky", 150, 200}, {8, "pool", 120, 5000}, {9, "worse", 1000, 1001}};
  OneRule rule("closed-sockets");
  rule.closed_sockets = &source;
  const auto at = [](std::uint64_t all) {
    return facts_of({{Fact::tcp_alloc, all}, {Fact::tcp_inuse, 40}, {Fact::tcp6_inuse, 10}});
  };
  BOOST_TEST(found(rule, {at(149)}).empty());
  BOOST_TEST(source.asked == 0U);
  BOOST_TEST(found(rule, {at(150)}) ==
             "warning worse: 1000 of 1001 descriptors\nnote leaky: 150 of 200 descriptors\n");
  BOOST_TEST(source.asked == 100U);
  source.found.cannot = "no right";
  BOOST_TEST(found(rule, {at(150)}).empty());
  BOOST_TEST(not_looked(rule, {at(150)}) == "no right\n");
}

BOOST_AUTO_TEST_SUITE_END()
