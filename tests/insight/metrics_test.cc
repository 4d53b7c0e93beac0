// The metrics of made-up hosts: zeros, what is absent, who is counted where, and labels that other processes chose.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/metrics.h"

#include <boost/test/unit_test.hpp>
#include <map>
#include <string>

#include "tests/insight/audit_world.h"

using namespace duostat;
using duostat::test::AuditWorld;
using duostat::test::Made;

namespace {

using Series = std::map<std::string, double>;

struct Measured {
  explicit Measured(const AuditWorld& world, std::size_t top = 10, const Subflows& subflows = {},
                    std::vector<NotLooked> not_looked = {}) {
    SocketTally tally(subflows, true);
    world.observe(tally);
    std::vector<ChosenRule> chosen;
    for (const Rule* rule : rules()) chosen.emplace_back(*rule);
    fill(measure({.tally = tally,
                  .rules = chosen,
                  .findings = {},
                  .not_looked = not_looked,
                  .top = top,
                  .peers = true,
                  .version = "1"}));
  }
  void fill(const std::vector<MetricFamily>& families) {
    for (const MetricFamily& family : families)
      for (const MetricSample& sample : family.samples) {
        std::string name(family.name.substr(std::string_view("duostat_").size()));
        for (const std::string& label : sample.labels) name += " " + label;
        BOOST_TEST(series.emplace(name, sample.value).second, name << " appears twice");
      }
  }
  double of(const std::string& name) const {
    const auto at = series.find(name);
    return at != series.end() ? at->second : -1;
  }
  bool has(const std::string& prefix) const {
    const auto at = series.lower_bound(prefix);
    return at != series.end() && at->first.starts_with(prefix);
  }

  Series series;
};

AuditWorld ranged() {
  AuditWorld world;
  world.facts.set(Fact::local_port_low, 40000);
  world.facts.set(Fact::local_port_high, 40099);
  return world;
}

void give_unit(AuditWorld& world, std::uint32_t pid, std::string unit) {
  Workload workload;
  workload.unit = std::move(unit);
  world.holders.processes[pid].workload = std::move(workload);
}

class Closed final : public ClosedSocketSource {
 public:
  ClosedSockets find(std::uint64_t) override { return ++asked, answer; }
  ClosedSockets answer;
  int asked = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(an_idle_host_has_zeros_and_no_inventions) {
  const Measured m(ranged());
  BOOST_TEST(m.of("tcp_sockets inet established") == 0);
  BOOST_TEST(m.of("tcp_sockets inet6 time_wait") == 0);
  BOOST_TEST(m.of("unix_sockets stream listen") == 0);
  BOOST_TEST(m.of("audit_findings close-wait warning") == 0);
  BOOST_TEST(m.of("tcp_open_sent_bytes") == 0);
  BOOST_TEST(m.of("tcp_local_ports_used_ratio") == 0);
  BOOST_TEST(!m.has("tcp_rtt_seconds"));  // no connection has one
  BOOST_TEST(!m.has("tcp_closed_held_sockets"));
  BOOST_TEST(!m.has("owner_tcp_sockets"));
  BOOST_TEST(m.series.size() < 300);
}

BOOST_AUTO_TEST_CASE(a_rule_that_could_not_look_has_no_series) {
  const Rule& rule = *find_rule("close-wait");
  const Measured blind(AuditWorld(), 10, {}, {{&rule, "tcp: Permission denied", false}});
  BOOST_TEST(!blind.has("audit_findings close-wait"));
  BOOST_TEST(blind.has("audit_findings unaccepted"));
  const Measured sighted{AuditWorld()};
  BOOST_TEST(sighted.of("audit_rules no") > 0);  // those that need two looks
  BOOST_TEST(blind.of("audit_rules no") == sighted.of("audit_rules no") + 1);
  BOOST_TEST(!blind.has("audit_findings counters"));
  const Measured partly(AuditWorld(), 10, {}, {{&rule, "3 rows lost", true}});
  BOOST_TEST(partly.of("audit_findings close-wait warning") == 0);
  BOOST_TEST(partly.of("audit_rules in_part") == 1);
}

BOOST_AUTO_TEST_CASE(owners_by_unit_and_the_rest) {
  AuditWorld world;
  for (int unit = 0; unit < 4; ++unit)
    for (int i = 0; i <= unit; ++i)
      world.hold(world.tcp(State::close_wait, "10.0.0.1:80", "10.0.0.2:" + std::to_string(1000 + 10 * unit + i)),
                 static_cast<std::uint32_t>(100 + unit), "worker");
  for (std::uint32_t unit = 0; unit < 4; ++unit) give_unit(world, 100 + unit, "u" + std::to_string(unit) + ".service");
  world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:2000");                      // owner not visible
  world.tcp(State::time_wait, "10.0.0.1:80", "10.0.0.2:2001").inode(0);                // of no process
  world.all_processes = false;
  const Measured m(world, 2);
  BOOST_TEST(m.of("owner_tcp_sockets u3.service close_wait") == 4);
  BOOST_TEST(m.of("owner_tcp_sockets u2.service close_wait") == 3);
  BOOST_TEST(m.of("owner_tcp_sockets other close_wait") == 3);
  BOOST_TEST(m.of("owner_tcp_sockets other established") == 1);
  BOOST_TEST(m.of("owner_tcp_sockets u3.service established") == 0);
  BOOST_TEST(!m.has("owner_tcp_sockets u1.service"));
  BOOST_TEST(m.of("tcp_sockets inet time_wait") == 1);
  BOOST_TEST(m.of("tcp_sockets inet close_wait") == 10);
}

BOOST_AUTO_TEST_CASE(a_socket_of_the_kernel_and_one_of_unknown_owner) {
  AuditWorld world;
  world.tcp(State::listen, "*:2049").queue(0, 64);
  BOOST_TEST(Measured(world).of("listener_backlog tcp 0.0.0.0 2049 kernel") == 64);
  world.all_processes = false;
  BOOST_TEST(Measured(world).of("listener_backlog tcp 0.0.0.0 2049 unknown") == 64);
}

BOOST_AUTO_TEST_CASE(hostile_names_become_one_series) {
  AuditWorld world;
  world.hold(world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:1"), 1001, "a");
  world.hold(world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:2"), 1002, "b");
  give_unit(world, 1001, "x\n.service");
  give_unit(world, 1002, "x\x1b.service");
  const Measured m(world);
  BOOST_TEST(m.of("owner_tcp_sockets x..service established") == 2);
}

BOOST_AUTO_TEST_CASE(the_fullest_listeners_come_first_and_the_group_counts_once) {
  AuditWorld world;
  world.tcp(State::listen, "*:80").queue(1, 128).s.drops = 2;
  world.tcp(State::listen, "*:80").queue(100, 128).s.drops = 3;  // a reuseport group
  world.tcp(State::listen, "*:22").queue(0, 128);
  world.tcp(State::listen, "*:443").queue(0, 511).s.drops = 9;
  const Measured m(world, 2);
  BOOST_TEST(m.of("listener_queue tcp 0.0.0.0 80 kernel") == 100);
  BOOST_TEST(m.of("listener_drops_total tcp 0.0.0.0 80 kernel") == 5);
  BOOST_TEST(m.of("listener_drops_total tcp 0.0.0.0 443 kernel") == 9);
  BOOST_TEST(m.of("listener_backlog other other other other") == 128);
  BOOST_TEST(!m.has("listener_drops_total other"));
  BOOST_TEST(m.of("listeners own") == 2);
  BOOST_TEST(m.of("listeners other") == 1);
}

BOOST_AUTO_TEST_CASE(mptcp_counts_once) {
  AuditWorld world;
  Made& outer = world.first.emplace_back(Protocol::mptcp, State::established, "10.0.0.1:80", "10.0.0.2:9");
  world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:9").inode(outer.s.inode);
  Subflows subflows;
  subflows.add(outer.s);
  const Measured m(world, 10, subflows);
  BOOST_TEST(m.of("tcp_sockets inet established") == 1);
  BOOST_TEST(m.of("mptcp_sockets inet") == 1);
}

BOOST_AUTO_TEST_CASE(round_trip_times_and_bytes) {
  AuditWorld world;
  for (std::uint32_t i = 1; i <= 100; ++i) {
    Made& made = world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:" + std::to_string(i));
    made.info().rtt = i * 1000;
    made.info().bytes_sent = 10;
    made.info().bytes_retrans = 1;
  }
  const Measured m(world);
  BOOST_TEST(m.of("tcp_rtt_seconds p50") == 0.051);
  BOOST_TEST(m.of("tcp_rtt_seconds p99") == 0.099);
  BOOST_TEST(m.of("tcp_rtt_seconds max") == 0.1);
  BOOST_TEST(m.of("tcp_open_sent_bytes") == 1000);
  BOOST_TEST(m.of("tcp_open_retransmitted_bytes") == 100);
  BOOST_TEST(m.of("peer_tcp_sockets 10.0.0.2") == 100);
  world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:101").s.present = {Field::inode};  // as from procfs
  BOOST_TEST(!Measured(world).has("tcp_open_sent_bytes"));
}

BOOST_AUTO_TEST_CASE(ports_of_one_pair_against_the_range) {
  AuditWorld world = ranged();
  for (int i = 0; i < 40; ++i)
    world.tcp(State::established, "10.0.0.1:" + std::to_string(40000 + i), "10.0.0.2:5432");
  world.tcp(State::close, "*:40050");  // bound: one port less
  for (int i = 0; i < 5; ++i) world.tcp(State::established, "10.0.0.1:" + std::to_string(40060 + i), "10.0.0.3:80");
  const Measured m(world);
  BOOST_TEST(m.of("tcp_local_ports_used_ratio") == 40 / 99.0);
  BOOST_TEST(m.of("tcp_local_ports_held_ratio") == 46 / 100.0);
}

BOOST_AUTO_TEST_CASE(udp_drops_by_port_and_unit) {
  AuditWorld world = ranged();
  world.udp("*:53").s.drops = 7;
  world.udp("*:40001").s.drops = 2;
  world.udp("*:40002").s.drops = 3;
  world.udp("10.0.0.1:53", "10.0.0.9:99").s.drops = 50;  // has a peer
  const Measured m(world);
  BOOST_TEST(m.of("udp_socket_drops 53 kernel") == 7);
  BOOST_TEST(m.of("udp_socket_drops ephemeral kernel") == 5);
  BOOST_TEST(m.of("udp_sockets inet") == 4);
}

BOOST_AUTO_TEST_CASE(descriptors_by_unit) {
  AuditWorld world;
  give_unit(world, 5, "db.service");
  give_unit(world, 6, "db.service");
  world.descriptors.uses = {{5, "db", 512, {1024, 4096}}, {6, "db", 768, {1024, 4096}}, {7, "x", 200, {}}};
  BOOST_TEST(Measured(world).of("process_descriptors_ratio db.service") == 0.75);
  world.descriptors.denied = 1;
  BOOST_TEST(!Measured(world).has("process_descriptors_ratio"));
}

BOOST_AUTO_TEST_CASE(sockets_held_without_a_connection) {
  AuditWorld world;
  Closed closed;
  world.closed_sockets = &closed;
  world.facts.set(Fact::tcp_alloc, 150);
  world.facts.set(Fact::tcp_inuse, 100);
  BOOST_TEST(Measured(world).of("tcp_closed_held_sockets") == 50);  // at most: nobody looks at every descriptor for it
  BOOST_TEST(closed.asked == 0);
  world.facts.set(Fact::tcp_alloc, 1000);
  closed.answer.sockets = 300;
  BOOST_TEST(Measured(world).of("tcp_closed_held_sockets") == 300);
  closed.answer.denied = 1;
  BOOST_TEST(!Measured(world).has("tcp_closed_held_sockets"));
  closed.answer.denied = 0;
  world.initial = false;  // the figures are the host's
  BOOST_TEST(!Measured(world).has("tcp_closed_held_sockets"));
}

BOOST_AUTO_TEST_CASE(three_hundred_series_suffice_for_a_busy_host) {
  AuditWorld world = ranged();
  for (std::uint32_t unit = 0; unit < 50; ++unit) {
    const std::string port = std::to_string(1000 + unit);
    Made& listener = world.tcp(State::listen, "*:" + port);
    listener.s.drops = unit;
    world.hold(listener, 100 + unit, "server");
    world.hold(world.tcp(State::established, "10.0.0.1:" + port, "10.0.0.2:9"), 100 + unit, "server");
    world.hold(world.udp("*:" + port), 100 + unit, "server");
    give_unit(world, 100 + unit, "u" + port + ".service");
    world.descriptors.uses.push_back({100 + unit, "server", 500, {1024, 1024}});
  }
  BOOST_TEST(Measured(world).series.size() < 300);
}

BOOST_AUTO_TEST_SUITE_END()
