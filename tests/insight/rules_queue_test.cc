// The rules close-wait, unaccepted, half-closed, reader-slow, accept-queue, accept-queue-unix, syn-flood: each fires
// with the right severity, owner and count, and its guard keeps it silent.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "tests/insight/audit_world.h"

using namespace duostat;
using duostat::test::AuditWorld;
using duostat::test::kMinuteMs;
using duostat::test::kSecondMs;
using duostat::test::Made;

namespace {

void close_waits(AuditWorld& world, int count, std::uint32_t age_ms, std::uint32_t rqueue = 0) {
  for (int i = 0; i < count; ++i)
    world.tcp(State::close_wait, "10.0.0.1:80", "10.0.0.2:" + std::to_string(2000 + i)).queue(rqueue).idle(age_ms);
}

bool mentions(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace

BOOST_AUTO_TEST_SUITE(audit_queues)

BOOST_AUTO_TEST_CASE(close_wait_by_count_and_age) {
  struct Case {
    int count;
    std::uint32_t age_ms;
    int severity;  // -1: silent
  };
  for (const Case& c : {Case{100, 0, 1}, Case{99, 0, -1}, Case{20, kMinuteMs, 1}, Case{19, kMinuteMs, -1},
                        Case{20, kMinuteMs - 1, -1}, Case{10, 5 * kMinuteMs, 0}, Case{9, 50 * kMinuteMs, -1}}) {
    AuditWorld world;
    close_waits(world, c.count, c.age_ms);
    world.hold_all(7, "java");
    const auto& found = world.run("close-wait");
    BOOST_TEST_CONTEXT(c.count << " sockets of " << c.age_ms << " ms") {
      BOOST_REQUIRE(found.size() == (c.severity < 0 ? 0U : 1U));
      if (c.severity < 0) continue;
      BOOST_TEST(static_cast<int>(found[0].severity) == c.severity);
      BOOST_TEST(found[0].count == static_cast<std::uint64_t>(c.count));
      BOOST_TEST(found[0].owner.pid == 7U);
      BOOST_TEST(found[0].owner.name == "java");
      BOOST_TEST(found[0].owner.user == "user1000");
      BOOST_TEST(found[0].hidden == 0U);
      BOOST_TEST(found[0].evidence.sockets().size() == 5U);
    }
  }
}

BOOST_AUTO_TEST_CASE(close_wait_is_critical_at_half_of_the_descriptor_limit) {
  AuditWorld world;
  close_waits(world, 20, 0);
  world.hold_all(7, "java");
  world.holders.processes[7].descriptor_limit = 40;
  BOOST_TEST((world.run("close-wait").at(0).severity == Severity::critical));
  world.holders.processes[7].descriptor_limit = 41;
  AuditWorld other;
  close_waits(other, 20, 0);
  other.hold_all(7, "java");
  other.holders.processes[7].descriptor_limit = 41;
  BOOST_TEST(other.run("close-wait").empty());
}

BOOST_AUTO_TEST_CASE(close_wait_counts_old_ones_beside_a_fresh_one) {
  AuditWorld world;
  close_waits(world, 20, kMinuteMs);
  close_waits(world, 1, 5);  // a process that leaks always has a young one
  world.hold_all(7, "java");
  const auto& found = world.run("close-wait");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(*found[0].age_ms == kMinuteMs);
}

BOOST_AUTO_TEST_CASE(close_wait_advises_by_receive_queue) {
  for (const auto& [rqueue, words] : {std::pair{0U, "did not close them"}, std::pair{1U, "has not looked"},
                                      std::pair{7U, "Data is unread"}}) {
    AuditWorld world;
    close_waits(world, 100, 0, rqueue);
    world.hold_all(7, "java");
    BOOST_TEST(mentions(world.run("close-wait").at(0).advice, words));
  }
}

BOOST_AUTO_TEST_CASE(close_wait_of_hidden_owners_counts_by_user) {
  AuditWorld world;
  close_waits(world, 100, 0);
  world.hold_all(7, "java");
  close_waits(world, 30, 0);  // nobody visible
  const auto& found = world.run("close-wait");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].count == 100U);
  BOOST_TEST(found[0].hidden == 30U);
}

BOOST_AUTO_TEST_CASE(close_wait_leaves_unaccepted_connections_alone) {
  AuditWorld world;
  close_waits(world, 200, kMinuteMs);
  for (Made& made : world.first) made.inode(0);
  BOOST_TEST(world.run("close-wait").empty());
}

BOOST_AUTO_TEST_CASE(close_wait_counts_an_mptcp_connection_once) {
  AuditWorld world;
  close_waits(world, 60, 0);
  for (int i = 0; i < 60; ++i) {
    Made& both = world.first.emplace_back(Protocol::mptcp, State::close_wait, "10.0.0.1:80", "10.0.0.2:9");
    both.inode(world.first[static_cast<std::size_t>(i)].s.inode);
  }
  world.hold_all(7, "go");
  BOOST_TEST(world.run("close-wait").empty());
  AuditWorld alone;
  for (int i = 0; i < 100; ++i)
    alone.first.emplace_back(Protocol::mptcp, State::close_wait, "10.0.0.1:80", "10.0.0.2:9");
  alone.hold_all(7, "go");
  BOOST_TEST(alone.run("close-wait").size() == 1U);
}

BOOST_AUTO_TEST_CASE(unaccepted_is_the_listeners) {
  AuditWorld world;
  Made& listener = world.tcp(State::listen, "*:80").queue(12, 128);
  world.hold(listener, 9, "nginx");
  close_waits(world, 10, 10 * kSecondMs, 5);
  for (Made& made : world.first)
    if (made.s.state == State::close_wait) made.inode(0);
  world.tcp(State::established, "10.0.0.1:80", "10.0.0.3:1").inode(0).idle(20 * kSecondMs);
  const auto& found = world.run("unaccepted");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::warning));
  BOOST_TEST(found[0].count == 11U);
  BOOST_TEST(found[0].owner.name == "nginx");
  BOOST_TEST(found[0].subject == "tcp *:80");
  BOOST_TEST(*found[0].age_ms == 20 * kSecondMs);
}

BOOST_AUTO_TEST_CASE(unaccepted_is_silent_about_kernel_sockets_and_young_ones) {
  AuditWorld kernel;  // an nfs server's connections have no inode and no listener with a queue
  close_waits(kernel, 20, kMinuteMs);
  for (Made& made : kernel.first) made.inode(0);
  kernel.tcp(State::listen, "*:80").inode(0).queue(0, 64);
  BOOST_TEST(kernel.run("unaccepted").empty());

  AuditWorld young;
  young.hold(young.tcp(State::listen, "*:80").queue(20, 128), 9, "nginx");
  close_waits(young, 20, 9 * kSecondMs);
  for (Made& made : young.first)
    if (made.s.state == State::close_wait) made.inode(0);
  BOOST_TEST(young.run("unaccepted").empty());
}

BOOST_AUTO_TEST_CASE(half_closed_needs_a_process) {
  for (const bool held : {true, false}) {
    AuditWorld world;
    for (int i = 0; i < 100; ++i) {
      Made& made =
          world.tcp(State::fin_wait2, "10.0.0.1:80", "10.0.0.2:" + std::to_string(i + 1)).idle(600 * kSecondMs);
      if (!held) made.inode(0);
    }
    world.hold_all(7, "proxy");
    const auto& found = world.run("half-closed");
    BOOST_REQUIRE(found.size() == (held ? 1U : 0U));
    if (held) BOOST_TEST((found[0].severity == Severity::note));
  }
}

BOOST_AUTO_TEST_CASE(reader_slow_compares_what_was_read) {
  AuditWorld world;
  const auto add = [](std::deque<Made>& look, std::uint64_t cookie, std::uint32_t unread, std::uint64_t received) {
    Made& made = look.emplace_back(Protocol::tcp, State::established, "10.0.0.1:80", "10.0.0.2:9");
    made.queue(unread).cookie(cookie).inode(cookie);
    made.inet.memory.skmem[1] = 100'000;
    made.info().bytes_received = received;
  };
  for (const std::uint64_t cookie : {1, 2, 3, 4, 5}) {  // five stand still
    add(world.first, cookie, 60'000, 90'000);
    add(world.second, cookie, 70'000, 100'000);
  }
  add(world.first, 6, 60'000, 90'000);  // reads in bursts
  add(world.second, 6, 60'000, 150'000);
  add(world.first, 7, 40'000, 90'000);  // less than half
  add(world.second, 7, 40'000, 90'000);
  world.hold_all(7, "sink");
  BOOST_TEST(world.run("reader-slow", 1).empty());
  AuditWorld twice;
  std::swap(twice.first, world.first);
  std::swap(twice.second, world.second);
  twice.holders = world.holders;
  const auto& found = twice.run("reader-slow", 2);
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].count == 5U);
  BOOST_TEST((found[0].severity == Severity::warning));
}

BOOST_AUTO_TEST_CASE(accept_queue_full_and_nearly_full) {
  struct Case {
    std::uint32_t queue, backlog;
    int severity;
  };
  for (const Case& c : {Case{3, 2, 2}, Case{2, 2, -1}, Case{1, 1, -1}, Case{13, 16, 1}, Case{12, 16, -1},
                        Case{12, 15, -1}, Case{1, 0, 0}, Case{0, 0, -1}, Case{1, 128, -1}}) {
    AuditWorld world;
    world.hold(world.tcp(State::listen, "*:8080").queue(c.queue, c.backlog), 9, "php");
    const auto& found = world.run("accept-queue");
    BOOST_TEST_CONTEXT(c.queue << " of " << c.backlog) {
      BOOST_REQUIRE(found.size() == (c.severity < 0 ? 0U : 1U));
      if (c.severity < 0) continue;
      BOOST_TEST(static_cast<int>(found[0].severity) == c.severity);
      BOOST_TEST(found[0].subject == "tcp *:8080");
      BOOST_TEST(found[0].count == c.queue);
    }
  }
}

BOOST_AUTO_TEST_CASE(accept_queue_drops_and_its_growth) {
  AuditWorld world;
  Made& made = world.tcp(State::listen, "*:8080").queue(0, 64);
  made.s.drops = 9;
  world.facts.set(Fact::somaxconn, 4096);
  world.hold(made, 9, "php");
  const auto& found = world.run("accept-queue");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::note));
  BOOST_TEST(found[0].count == 9U);
  BOOST_TEST(mentions(found[0].advice, "raise the backlog"));

  AuditWorld twice;
  twice.tcp(State::listen, "*:8080").queue(0, 64).s.drops = 9;
  twice.second.emplace_back(Protocol::tcp, State::listen, "*:8080", "*:0").queue(0, 64).s.drops = 12;
  const auto& grown = twice.run("accept-queue", 2);
  BOOST_REQUIRE(grown.size() == 1U);
  BOOST_TEST((grown[0].severity == Severity::critical));
  BOOST_TEST(grown[0].count == 3U);
}

BOOST_AUTO_TEST_CASE(accept_queue_drops_without_an_overflow_are_requests_sent_twice) {
  AuditWorld world;
  world.facts.set(Fact::listen_overflows, 0);
  world.later.set(Fact::listen_overflows, 0);
  world.tcp(State::listen, "*:8080").queue(0, 64).s.drops = 9;
  world.second.emplace_back(Protocol::tcp, State::listen, "*:8080", "*:0").queue(0, 64).s.drops = 12;
  BOOST_TEST(world.run("accept-queue", 2).empty());

  AuditWorld one;  // one of three was an overflow
  one.facts.set(Fact::listen_overflows, 4);
  one.later.set(Fact::listen_overflows, 5);
  one.tcp(State::listen, "*:8080").queue(0, 64).s.drops = 9;
  one.second.emplace_back(Protocol::tcp, State::listen, "*:8080", "*:0").queue(0, 64).s.drops = 12;
  BOOST_TEST(one.run("accept-queue", 2).at(0).count == 1U);
}

BOOST_AUTO_TEST_CASE(accept_queue_of_a_reuseport_group_is_full_if_one_member_is) {
  AuditWorld world;
  for (const std::uint32_t waiting : {0, 17, 0}) world.tcp(State::listen, "*:8080").queue(waiting, 16);
  world.hold(world.first[0], 9, "worker");
  world.hold(world.first[1], 10, "stuck");
  const auto& found = world.run("accept-queue");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::critical));
  BOOST_TEST(found[0].owner.name == "stuck");
}

BOOST_AUTO_TEST_CASE(accept_queue_names_the_service_rather_than_systemd_and_a_stopped_process) {
  AuditWorld world;
  Made& made = world.tcp(State::listen, "*:8080").queue(3, 2);
  world.hold(made, 1, "systemd", 0);
  world.hold(made, 9, "php");
  world.holders.processes[9].run_state = 'T';
  const auto& found = world.run("accept-queue");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].owner.pid == 9U);
  BOOST_TEST(mentions(found[0].values, "stopped"));
}

BOOST_AUTO_TEST_CASE(accept_queue_counts_an_mptcp_listener_once) {
  AuditWorld world;
  Made& tcp = world.tcp(State::listen, "*:8080").queue(3, 2);
  world.first.emplace_back(Protocol::mptcp, State::listen, "*:8080", "*:0").inode(tcp.s.inode).queue(3, 2);
  const auto& found = world.run("accept-queue");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST(found[0].count == 3U);
  BOOST_TEST(found[0].subject == "mptcp *:8080");
}

BOOST_AUTO_TEST_CASE(accept_queue_unix) {
  for (const auto& [queue, severity] : {std::pair{3U, 2}, std::pair{2U, -1}}) {
    AuditWorld world;
    Made& made = world.first.emplace_back(Protocol::unix_stream, State::listen, "*:0", "*:0").queue(queue, 2);
    made.s.family = Family::unix_domain;
    made.s.local.family = Family::unspecified;
    made.unix_domain.name = "/run/php.sock";
    made.s.unix_domain = &made.unix_domain;
    made.s.present.add(Field::unix_name);
    world.hold(made, 9, "php-fpm");
    const auto& found = world.run("accept-queue-unix");
    BOOST_REQUIRE(found.size() == (severity < 0 ? 0U : 1U));
    if (severity < 0) continue;
    BOOST_TEST(static_cast<int>(found[0].severity) == severity);
    BOOST_TEST(found[0].subject == "unix /run/php.sock");
    BOOST_TEST(found[0].owner.name == "php-fpm");
  }
}

BOOST_AUTO_TEST_CASE(syn_flood_by_counters_and_half_open_connections) {
  struct Case {
    std::uint64_t dropped, cookies;
    int half_open, severity;
  };
  for (const Case& c : {Case{5, 0, 3, 2}, Case{0, 5, 3, 1}, Case{0, 0, 3, 0}, Case{0, 0, 2, -1}}) {
    AuditWorld world;
    for (const Fact fact : {Fact::req_queue_full_drop, Fact::syncookies_sent, Fact::syncookies_failed})
      world.facts.set(fact, 7), world.later.set(fact, 7);
    world.later.set(Fact::req_queue_full_drop, 7 + c.dropped);
    world.later.set(Fact::syncookies_sent, 7 + c.cookies);
    for (std::deque<Made>* look : {&world.first, &world.second}) {
      look->emplace_back(Protocol::tcp, State::listen, "*:80", "*:0").queue(0, 2).inode(55);
      for (int i = 0; i < c.half_open; ++i)
        look->emplace_back(Protocol::tcp, State::syn_recv, "10.0.0.1:80", "10.0.0.2:" + std::to_string(i + 1)).inode(0);
    }
    world.hold(world.first[0], 9, "nginx");
    const auto& found = world.run("syn-flood", 2);
    BOOST_REQUIRE(found.size() == (c.severity < 0 ? 0U : 1U));
    if (c.severity < 0) continue;
    BOOST_TEST(static_cast<int>(found[0].severity) == c.severity);
    BOOST_TEST(found[0].owner.name == "nginx");
  }
}

BOOST_AUTO_TEST_CASE(syn_flood_without_counters_could_not_look) {
  AuditWorld world;
  BOOST_TEST(world.run("syn-flood").empty());
  BOOST_REQUIRE(world.not_looked.size() == 1U);
  BOOST_TEST(!world.not_looked[0].in_part);
  BOOST_TEST(world.not_looked[0].reason == "syncookies_sent is absent");
}

BOOST_AUTO_TEST_SUITE_END()
