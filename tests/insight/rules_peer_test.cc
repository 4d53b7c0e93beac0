// The rules syn-sent, peer-silent, peer-not-reading, keepalive-less, ports, ports-udp: each fires with the right
// severity, owner and count, and its guard keeps it silent.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "tests/insight/audit_world.h"

using namespace duostat;
using duostat::test::AuditWorld;
using duostat::test::kHourMs;
using duostat::test::kSecondMs;
using duostat::test::Made;

namespace {

void syn_sent(AuditWorld& world, int count, std::uint32_t retransmits, const std::string& peer = "10.9.9.9:443") {
  for (int i = 0; i < count; ++i)
    world.tcp(State::syn_sent, "10.0.0.1:" + std::to_string(40000 + static_cast<int>(world.first.size())), peer)
        .timer(Timer::retransmit, retransmits);
}

void silent(AuditWorld& world, int count, const std::string& peer = "203.0.113.9:443") {
  for (int i = 0; i < count; ++i)
    world.tcp(State::established, "10.0.0.1:80", peer).queue(0, 500).timer(Timer::retransmit, 5).idle(40 * kSecondMs);
}

void set_range(AuditWorld& world, std::uint64_t low, std::uint64_t high, std::uint64_t reuse = 2) {
  world.facts.set(Fact::local_port_low, low);
  world.facts.set(Fact::local_port_high, high);
  world.facts.set(Fact::tcp_tw_reuse, reuse);
  world.facts.set(Fact::tcp_timestamps, 1);
}

void connections(AuditWorld& world, State state, int from, int count, const std::string& local, const std::string& peer,
                 std::uint64_t timer_ms = 0) {
  for (int port = from; port < from + count; ++port)
    world.tcp(state, local + ":" + std::to_string(port), peer).timer(Timer::time_wait, 0, timer_ms);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(audit_peers)

BOOST_AUTO_TEST_CASE(syn_sent_by_peer) {
  struct Case {
    int count;
    std::uint32_t retransmits;
    int severity;
  };
  for (const Case& c : {Case{10, 2, 1}, Case{10, 1, -1}, Case{9, 3, -1}, Case{5, 4, 0}, Case{1, 4, 0}}) {
    AuditWorld world;
    syn_sent(world, c.count, c.retransmits);
    world.hold_all(7, "curl");
    const auto& found = world.run("syn-sent");
    BOOST_TEST_CONTEXT(c.count << " with " << c.retransmits) {
      BOOST_REQUIRE(found.size() == (c.severity < 0 ? 0U : 1U));
      if (c.severity < 0) continue;
      BOOST_TEST(static_cast<int>(found[0].severity) == c.severity);
      BOOST_TEST(found[0].count == static_cast<std::uint64_t>(c.count));
      BOOST_TEST(found[0].subject == "peer 10.9.9.9:443");
      BOOST_TEST(found[0].owner.name == "curl");
    }
  }
}

BOOST_AUTO_TEST_CASE(syn_sent_of_three_owners_and_of_many_peers) {
  AuditWorld owners;
  syn_sent(owners, 3, 2);
  std::uint32_t pid = 7;
  for (const Made& made : owners.first) owners.hold(made, pid++, "client");
  BOOST_TEST((owners.run("syn-sent").at(0).severity == Severity::warning));

  AuditWorld peers;
  for (int i = 1; i <= 9; ++i) syn_sent(peers, 1, 2, "10.9.9." + std::to_string(i) + ":443");
  peers.hold_all(7, "scanner");
  BOOST_TEST(peers.run("syn-sent").empty());
}

BOOST_AUTO_TEST_CASE(peer_silent) {
  AuditWorld one;
  silent(one, 1);
  one.hold_all(7, "app");
  BOOST_TEST((one.run("peer-silent").at(0).severity == Severity::note));

  AuditWorld ten;
  silent(ten, 10);
  ten.hold_all(7, "app");
  const auto& found = ten.run("peer-silent");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::warning));
  BOOST_TEST(found[0].count == 10U);

  AuditWorld share;  // 1 of 20 connections
  silent(share, 1);
  for (int i = 0; i < 19; ++i) share.tcp(State::established, "10.0.0.1:80", "203.0.113.8:" + std::to_string(i + 1));
  share.hold_all(7, "app");
  BOOST_TEST((share.run("peer-silent").at(0).severity == Severity::warning));

  AuditWorld backend;
  silent(backend, 1, "10.1.1.1:5432");
  backend.hold_all(7, "app");
  BOOST_TEST((backend.run("peer-silent").at(0).severity == Severity::warning));

  AuditWorld orphans;  // vanished clients of a public server
  silent(orphans, 50);
  for (Made& made : orphans.first) made.inode(0);
  BOOST_TEST(orphans.run("peer-silent").empty());

  AuditWorld fresh;
  silent(fresh, 50);
  for (Made& made : fresh.first) made.timer(Timer::retransmit, 4);
  fresh.hold_all(7, "app");
  BOOST_TEST(fresh.run("peer-silent").empty());
}

BOOST_AUTO_TEST_CASE(peer_not_reading) {
  const auto add = [](AuditWorld& world, int count, std::uint8_t backoff, std::uint32_t unsent) {
    for (int i = 0; i < count; ++i) {
      Made& made = world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:9").queue(0, unsent).timer(Timer::probe0, 1);
      made.info().backoff = backoff;
      made.info().notsent_bytes = unsent;
      made.info().snd_wnd = unsent == 0 ? 100 : 0;
    }
    world.hold_all(7, "app");
  };
  AuditWorld few, many, large, young, idle;
  add(few, 1, 5, 1000);
  BOOST_TEST((few.run("peer-not-reading").at(0).severity == Severity::note));
  add(many, 10, 5, 1000);
  BOOST_TEST((many.run("peer-not-reading").at(0).severity == Severity::warning));
  add(large, 1, 6, 10'000'000);
  BOOST_TEST((large.run("peer-not-reading").at(0).severity == Severity::warning));
  add(young, 20, 4, 1000);
  BOOST_TEST(young.run("peer-not-reading").empty());
  add(idle, 20, 6, 0);
  BOOST_TEST(idle.run("peer-not-reading").empty());
}

// Linux 3.10 tells neither the unsent bytes nor the peer's window: a probe timer with a full queue is enough.
BOOST_AUTO_TEST_CASE(peer_not_reading_of_an_old_kernel) {
  for (const std::uint32_t queued : {0U, 1000U}) {
    AuditWorld world;
    Made& made = world.tcp(State::established, "10.0.0.1:80", "10.0.0.2:9").queue(0, queued).timer(Timer::probe0, 1);
    made.info().backoff = 5;
    made.inet.tcp_info.length = offsetof(TcpInfo, pacing_rate);
    world.hold_all(7, "app");
    BOOST_TEST(world.run("peer-not-reading").size() == (queued != 0 ? 1U : 0U));
  }
}

BOOST_AUTO_TEST_CASE(keepalive_less) {
  const auto add = [](AuditWorld& world, const std::string& local, std::uint32_t idle, Timer timer) {
    for (int i = 0; i < 100; ++i)
      world.tcp(State::established, local, "10.0.0.2:" + std::to_string(i + 1)).idle(idle).timer(timer);
    world.hold_all(7, "pool");
  };
  AuditWorld idle, kept, young, loopback;
  add(idle, "10.0.0.1:80", 2 * kHourMs, Timer::off);
  const auto& found = idle.run("keepalive-less");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::note));
  BOOST_TEST(found[0].count == 100U);
  add(kept, "10.0.0.1:80", 2 * kHourMs, Timer::keepalive);
  BOOST_TEST(kept.run("keepalive-less").empty());
  add(young, "10.0.0.1:80", 2 * kHourMs - 1, Timer::off);
  BOOST_TEST(young.run("keepalive-less").empty());
  add(loopback, "127.0.0.1:80", 2 * kHourMs, Timer::off);
  BOOST_TEST(loopback.run("keepalive-less").empty());
}

BOOST_AUTO_TEST_CASE(ports_by_tuple) {
  struct Case {
    std::uint64_t low, high;
    int used, severity;
  };
  // A small range counts from the first port; a large one needs 100 used.
  for (const Case& c : {Case{40000, 40099, 95, 2}, Case{40000, 40099, 80, 1}, Case{40000, 40099, 79, -1},
                        Case{40000, 40999, 800, 1}, Case{40000, 40999, 799, -1}}) {
    AuditWorld world;
    set_range(world, c.low, c.high);
    connections(world, State::established, static_cast<int>(c.low), c.used, "10.0.0.1", "10.0.0.2:80");
    world.hold_all(7, "client");
    const auto& found = world.run("ports");
    BOOST_TEST_CONTEXT(c.used << " of " << c.high - c.low + 1) {
      std::size_t tuples = 0;
      for (const Finding& f : found) {
        if (f.subject != "10.0.0.1 to 10.0.0.2:80") continue;
        ++tuples;
        BOOST_TEST(static_cast<int>(f.severity) == c.severity);
        BOOST_TEST(f.count == static_cast<std::uint64_t>(c.used));
        BOOST_TEST(f.owner.name == "client");
      }
      BOOST_TEST(tuples == (c.severity < 0 ? 0U : 1U));
    }
  }
}

BOOST_AUTO_TEST_CASE(ports_leaves_out_reserved_ones_and_servers) {
  AuditWorld reserved;
  set_range(reserved, 40000, 40099);
  reserved.reserved_ports = "40000-40039,40041\n";
  connections(reserved, State::established, 40042, 48, "10.0.0.1", "10.0.0.2:80");  // of 59
  BOOST_TEST(reserved.run("ports").size() == 1U);

  AuditWorld server;  // its port is in the range, and its clients use it all
  set_range(server, 40000, 40009);
  server.tcp(State::listen, "*:40005");
  for (int i = 0; i < 500; ++i) server.tcp(State::established, "10.0.0.1:40005", "10.0.0.2:" + std::to_string(i + 1));
  BOOST_TEST(server.run("ports").empty());
}

BOOST_AUTO_TEST_CASE(ports_leaves_out_reusable_time_waits) {
  struct Case {
    std::string local, peer;
    std::uint64_t reuse, timer_ms;
    bool found;
  };
  for (const Case& c : {Case{"127.0.0.1", "127.0.0.1:80", 2, 58'000, false},
                        Case{"127.0.0.1", "127.0.0.1:80", 2, 59'500, true},
                        Case{"127.0.0.1", "127.0.0.1:80", 0, 30'000, true},
                        Case{"10.0.0.1", "10.0.0.2:80", 2, 30'000, true},
                        Case{"10.0.0.1", "10.0.0.2:80", 1, 30'000, false}}) {
    AuditWorld world;
    set_range(world, 40000, 40999, c.reuse);
    connections(world, State::time_wait, 40000, 900, c.local, c.peer, c.timer_ms);
    for (Made& made : world.first) made.inode(0);
    BOOST_TEST_CONTEXT(c.local << " reuse " << c.reuse << " " << c.timer_ms)
    BOOST_TEST(world.run("ports").size() == (c.found ? 1U : 0U));
  }
}

BOOST_AUTO_TEST_CASE(ports_held_by_anything) {
  AuditWorld world;
  set_range(world, 40000, 40099);
  for (int port = 40000; port < 40095; ++port)
    world.tcp(State::established, "10.0.0.1:" + std::to_string(port), "10.0.0.2:" + std::to_string(port));
  const auto& found = world.run("ports");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].subject == "range 40000-40099");
  BOOST_TEST(found[0].count == 95U);
  BOOST_TEST((found[0].severity == Severity::warning));

  AuditWorld proxy;  // many destinations share each port: connect() goes on
  set_range(proxy, 40000, 40099);
  for (int port = 40000; port < 40100; ++port)
    for (const std::string peer : {"10.0.0.2:", "10.0.0.3:"})
      proxy.tcp(State::established, "10.0.0.1:" + std::to_string(port), peer + std::to_string(port));
  BOOST_TEST((proxy.run("ports").at(0).severity == Severity::note));

  AuditWorld bound;  // bound and never connected: connect() of everybody fails
  set_range(bound, 40000, 40099);
  for (int port = 40000; port < 40096; ++port) bound.tcp(State::close, "10.0.0.1:" + std::to_string(port));
  BOOST_TEST((bound.run("ports").at(0).severity == Severity::critical));
}

BOOST_AUTO_TEST_CASE(ports_udp_by_address) {
  AuditWorld world;
  set_range(world, 40000, 40099);
  for (int port = 40000; port < 40040; ++port) world.udp("*:" + std::to_string(port));
  for (int port = 40040; port < 40080; ++port) world.udp("10.0.0.1:" + std::to_string(port));
  world.hold_all(7, "resolver");
  const auto& found = world.run("ports-udp");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].subject == "udp 10.0.0.1");
  BOOST_TEST(found[0].count == 80U);
  BOOST_TEST(found[0].owner.name == "resolver");
}

BOOST_AUTO_TEST_CASE(a_threshold_above_the_usual_limit_still_counts) {
  AuditWorld world;
  world.settings = {{"count", 1000}, {"owners", 20}};
  for (std::uint32_t i = 0; i < 20; ++i) {
    Made& made = world.tcp(State::syn_sent, "10.0.0.1:" + std::to_string(40000 + i), "10.0.0.2:443");
    world.hold(made.timer(Timer::retransmit, 3), 100 + i, "client");
  }
  const auto& found = world.run("syn-sent");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::warning));
}

BOOST_AUTO_TEST_CASE(no_user_is_invented_where_the_kernel_tells_none) {
  AuditWorld world;
  for (int i = 0; i < 12; ++i) {
    Made& made = world.tcp(State::established, "10.0.0.1:443", "10.1.0.2:" + std::to_string(40000 + i));
    made.timer(Timer::retransmit, 6).queue(0, 100);
    made.s.uid = 0;
    made.s.present.remove(Field::uid);
  }
  world.names.users[0] = "root";
  const auto& found = world.run("peer-silent");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].owner.user == "");
}

BOOST_AUTO_TEST_SUITE_END()
