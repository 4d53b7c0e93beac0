// The rules retransmits, udp-drops, raw-drops, dup-listen, exposed, deleted-exe, and what all rules have in common.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <set>
#include <tuple>

#include "tests/insight/audit_world.h"

using namespace duostat;
using duostat::test::AuditWorld;
using duostat::test::kHourMs;
using duostat::test::Made;

namespace {

void sent(std::deque<Made>& look, std::uint64_t cookie, const std::string& peer, std::uint64_t bytes,
          std::uint64_t again, std::uint32_t spurious = 0) {
  Made& made = look.emplace_back(Protocol::tcp, State::established, "10.0.0.1:80", peer).cookie(cookie);
  made.info().bytes_sent = bytes;
  made.info().bytes_retrans = again;
  made.info().dsack_dups = spurious;
  made.info().snd_mss = 1000;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(audit_listeners)

BOOST_AUTO_TEST_CASE(retransmits_by_network_between_two_looks) {
  AuditWorld world;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    sent(world.first, i, "198.51.100." + std::to_string(i) + ":9", 1'000'000, 0);
    sent(world.second, i, "198.51.100." + std::to_string(i) + ":9", 1'800'000, 40'000);
  }
  const auto& found = world.run("retransmits", 2);
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::warning));
  BOOST_TEST(found[0].subject == "network 198.51.100.0/24");
  BOOST_TEST(found[0].count == 3U);
}

BOOST_AUTO_TEST_CASE(retransmits_is_silent_for_one_peer_little_loss_and_spurious_ones) {
  AuditWorld one_peer, little, spurious;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    sent(one_peer.first, i, "198.51.100.1:" + std::to_string(i), 1'000'000, 0);
    sent(one_peer.second, i, "198.51.100.1:" + std::to_string(i), 1'800'000, 40'000);
    sent(little.first, i, "198.51.100." + std::to_string(i) + ":9", 0, 0);
    sent(little.second, i, "198.51.100." + std::to_string(i) + ":9", 10'000'000, 400'000);
    sent(spurious.first, i, "198.51.100." + std::to_string(i) + ":9", 1'000'000, 0);
    sent(spurious.second, i, "198.51.100." + std::to_string(i) + ":9", 1'800'000, 40'000, 40);
  }
  BOOST_TEST(one_peer.run("retransmits", 2).empty());
  BOOST_TEST(little.run("retransmits", 2).empty());
  BOOST_TEST(spurious.run("retransmits", 2).empty());
}

BOOST_AUTO_TEST_CASE(retransmits_over_a_life_is_a_note) {
  AuditWorld world;
  for (std::uint64_t i = 1; i <= 3; ++i)
    sent(world.first, i, "198.51.100." + std::to_string(i) + ":9", 500'000, 40'000);
  const auto& found = world.run("retransmits");
  BOOST_REQUIRE(found.size() == 1U);
  BOOST_TEST((found[0].severity == Severity::note));
}

// tcp_info has bytes_sent since Linux 4.19: without it nothing was looked at, and "nothing found" would be false.
BOOST_AUTO_TEST_CASE(retransmits_without_counts_of_bytes_could_not_look) {
  AuditWorld world;
  sent(world.first, 1, "198.51.100.1:9", 500'000, 400'000);
  world.first[0].inet.tcp_info.length = offsetof(TcpInfo, bytes_sent);
  BOOST_TEST(world.run("retransmits").empty());
  BOOST_REQUIRE(world.not_looked.size() == 1U);
  BOOST_TEST(!world.not_looked[0].in_part);
  BOOST_TEST(world.not_looked[0].reason == "tcp: this kernel does not count the bytes sent (Linux 4.19 does)");
}

// SK_MEMINFO has the drops since Linux 4.11.
BOOST_AUTO_TEST_CASE(drops_that_are_not_sent_are_looked_for_in_part) {
  for (const auto& [rule, protocol, state] :
       {std::tuple{"udp-drops", Protocol::udp, State::close}, std::tuple{"raw-drops", Protocol::raw, State::close},
        std::tuple{"accept-queue", Protocol::tcp, State::listen}}) {
    AuditWorld world;
    for (Facts* facts : {&world.facts, &world.later})
      for (const Fact fact : {Fact::udp_in_datagrams, Fact::udp_buffer_errors}) facts->set(fact, 0);
    for (std::deque<Made>* look : {&world.first, &world.second})
      look->emplace_back(protocol, state, "*:8125", "*:0").s.present.remove(Field::drops);
    BOOST_TEST(world.run(rule, 2).empty());
    BOOST_REQUIRE(world.not_looked.size() == 1U);
    BOOST_TEST(world.not_looked[0].in_part);
    BOOST_TEST(world.not_looked[0].reason == "1 socket without a count of drops (Linux 4.11 has it)");
  }
}

BOOST_AUTO_TEST_CASE(udp_drops) {
  const auto set = [](Facts& facts, std::uint64_t received, std::uint64_t errors) {
    facts.set(Fact::udp_in_datagrams, received);
    facts.set(Fact::udp_buffer_errors, errors);
  };
  struct Case {
    std::uint32_t before, after;
    std::uint64_t received;
    int severity;
  };
  for (const Case& c : {Case{5, 5, 1000, 0}, Case{5, 6, 1000, 1}, Case{5, 25, 1000, 2}, Case{0, 0, 1000, -1}}) {
    AuditWorld world;
    set(world.facts, 0, 0);
    set(world.later, c.received, 0);
    world.udp("*:8125").cookie(7).inode(7).s.drops = c.before;
    world.second.emplace_back(Protocol::udp, State::close, "*:8125", "*:0").cookie(7).inode(7).s.drops = c.after;
    world.hold(world.first[0], 9, "statsd");
    const auto& found = world.run("udp-drops", 2);
    BOOST_REQUIRE(found.size() == (c.severity < 0 ? 0U : 1U));
    if (c.severity < 0) continue;
    BOOST_TEST(static_cast<int>(found[0].severity) == c.severity);
    BOOST_TEST(found[0].owner.name == "statsd");
  }
}

BOOST_AUTO_TEST_CASE(udp_drops_leaves_multicast_sockets_alone_and_reports_a_full_buffer) {
  for (const auto& [port, found] : {std::pair{5353, false}, std::pair{5354, true}}) {
    AuditWorld world;
    world.facts.set(Fact::udp_in_datagrams, 0);
    world.facts.set(Fact::udp_buffer_errors, 0);
    Made& made = world.udp("*:" + std::to_string(port));
    made.s.drops = 70;
    made.inet.memory.skmem[0] = 4160;
    made.inet.memory.skmem[1] = 4608;
    BOOST_TEST(world.run("udp-drops").size() == (found ? 1U : 0U));
  }
}

BOOST_AUTO_TEST_CASE(raw_drops_grow) {
  for (const auto& [name, size] : {std::pair{"udevd", 1U}, std::pair{"tcpdump", 0U}}) {
    AuditWorld world;
    for (std::deque<Made>* look : {&world.first, &world.second})
      look->emplace_back(Protocol::netlink, State::close, "*:0", "*:0").cookie(7).inode(7).s.drops =
          look == &world.first ? 3 : 5;
    world.hold(world.first[0], 9, name);
    const auto& found = world.run("raw-drops", 2);
    BOOST_REQUIRE(found.size() == size);
    if (size != 0) BOOST_TEST(found[0].count == 2U);
  }
}

BOOST_AUTO_TEST_CASE(dup_listen_by_program) {
  struct Case {
    std::string first, second, exe_a, exe_b;
    bool found;
  };
  for (const Case& c : {Case{"*:80", "*:80", "/usr/sbin/nginx", "/usr/bin/python3", true},
                        Case{"*:80", "*:80", "/usr/sbin/nginx", "/usr/sbin/nginx", false},
                        Case{"*:80", "*:80", "/usr/sbin/nginx", "/usr/sbin/nginx (deleted)", false},
                        Case{"*:80", "[::]:80", "/usr/sbin/nginx", "/usr/bin/python3", true},
                        Case{"*:80", "10.0.0.1:80", "/usr/sbin/nginx", "/usr/bin/python3", false},
                        Case{"127.0.0.1:80", "[::1]:80", "/a", "/b", true},
                        Case{"127.0.0.1:80", "[::]:80", "/a", "/b", false}}) {
    AuditWorld world;
    world.hold(world.tcp(State::listen, c.first), 7, "a");
    world.hold(world.tcp(State::listen, c.second), 8, "b");
    world.holders.processes[7].exe = c.exe_a;
    world.holders.processes[8].exe = c.exe_b;
    const auto& found = world.run("dup-listen");
    BOOST_TEST_CONTEXT(c.first << " " << c.second << " " << c.exe_b) {
      BOOST_REQUIRE(found.size() == (c.found ? 1U : 0U));
      if (c.found) BOOST_TEST(found[0].values.find("b (pid 8") != std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(dup_listen_ignores_one_socket_of_two_processes) {
  AuditWorld world;
  Made& made = world.tcp(State::listen, "*:80");
  world.hold(made, 1, "systemd", 0);
  world.hold(made, 8, "web");
  world.first.emplace_back(Protocol::mptcp, State::listen, "*:80", "*:0").inode(made.s.inode);
  BOOST_TEST(world.run("dup-listen").empty());
}

BOOST_AUTO_TEST_CASE(exposed_ports_and_addresses) {
  struct Case {
    Protocol protocol;
    State state;
    std::string local, remote;
    bool found;
  };
  const auto tcp = Protocol::tcp, udp = Protocol::udp;
  for (const Case& c :
       {Case{tcp, State::listen, "*:6379", "*:0", true}, Case{tcp, State::listen, "[::]:6379", "*:0", true},
        Case{tcp, State::listen, "127.0.0.1:6379", "*:0", false},
        Case{tcp, State::listen, "10.0.0.1:6379", "*:0", false},
        Case{tcp, State::listen, "203.0.113.1:6379", "*:0", true}, Case{tcp, State::listen, "*:9100", "*:0", false},
        Case{tcp, State::listen, "[::]:8080", "*:0", false}, Case{tcp, State::close, "*:6379", "*:0", false},
        Case{tcp, State::listen, "*:5905", "*:0", true}, Case{udp, State::close, "*:69", "*:0", true},
        Case{udp, State::close, "*:69", "10.0.0.1:5", false}}) {
    AuditWorld world;
    world.hold(world.first.emplace_back(c.protocol, c.state, c.local, c.remote), 7, "server");
    const auto& found = world.run("exposed");
    BOOST_TEST_CONTEXT(c.local) {
      BOOST_REQUIRE(found.size() == (c.found ? 1U : 0U));
      if (c.found) BOOST_TEST((found[0].severity == Severity::warning));
    }
  }
  AuditWorld inside;
  inside.reachable = false;
  inside.tcp(State::listen, "*:6379");
  BOOST_TEST(inside.run("exposed").empty());
}

BOOST_AUTO_TEST_CASE(exposed_names_the_container_of_docker_proxy) {
  AuditWorld world;
  world.hold(world.tcp(State::listen, "*:6379"), 7, "docker-proxy");
  using namespace std::string_literals;
  world.holders.processes[7].cmdline =
      "docker-proxy\0-proto\0tcp\0-container-ip\000172.17.0.2\0-container-port\0006379"s;
  BOOST_TEST(world.run("exposed").at(0).values.find("172.17.0.2:6379") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(deleted_exe) {
  struct Case {
    std::string exe;
    std::uint64_t age_ms;
    bool found;
  };
  for (const Case& c :
       {Case{"/usr/sbin/sshd (deleted)", kHourMs, true}, Case{"/usr/sbin/sshd (deleted)", kHourMs - 1, false},
        Case{"/usr/sbin/sshd", kHourMs, false}, Case{"/memfd:runc_cloned (deleted)", kHourMs, false}}) {
    AuditWorld world;
    world.hold(world.tcp(State::listen, "*:22"), 7, "sshd", 0);
    world.holders.processes[7].exe = c.exe;
    world.holders.processes[7].started_ms = world.uptime_ms - c.age_ms;
    const auto& found = world.run("deleted-exe");
    BOOST_REQUIRE(found.size() == (c.found ? 1U : 0U));
    if (c.found) BOOST_TEST((found[0].severity == Severity::note));
  }
}

BOOST_AUTO_TEST_CASE(deleted_exe_says_what_it_did_not_look_at) {
  AuditWorld world;
  for (std::uint32_t pid = 2; pid < 212; ++pid) world.hold(world.tcp(State::listen, "*:22"), pid, "many");
  world.run("deleted-exe");
  BOOST_REQUIRE(!world.not_looked.empty());
  BOOST_TEST(world.not_looked[0].reason == "not looked at: 10 processes");
  BOOST_TEST(world.not_looked[0].in_part);
}

BOOST_AUTO_TEST_CASE(new_listener_reports_what_differs_from_the_baseline) {
  struct Source final : NewListenerSource {
    NewListeners find() override { return found; }
    NewListeners found;
  } source;
  Listener& added = source.found.list.emplace_back();
  added.local = test::endpoint("*:8080");
  added.family = Family::inet;
  added.pid = 7, added.process = "nc", added.uid = 1000;
  added.change = ListenerChange::added;
  Listener& changed = source.found.list.emplace_back(added);
  changed.change = ListenerChange::changed;
  changed.before = "sshd, user 0";
  source.found.not_compared = 2;
  AuditWorld world;
  world.names.users[1000] = "joe";
  world.new_listeners = &source;
  const auto& found = world.run("new-listener");
  BOOST_REQUIRE(found.size() == 2U);
  BOOST_TEST((found[0].severity == Severity::warning));
  BOOST_TEST(found[0].subject == "tcp *:8080");
  BOOST_TEST(found[0].owner.name == "nc");
  BOOST_TEST(found[0].owner.user == "joe");
  BOOST_TEST(found[1].values == "in the baseline it was held by sshd, user 0");
  BOOST_REQUIRE(world.not_looked.size() == 1U);
  BOOST_TEST(world.not_looked[0].in_part);
}

BOOST_AUTO_TEST_CASE(owners_have_units_and_containers) {
  struct Case {
    Workload workload;
    std::string unit, container;
  };
  Workload service, activated, docker;
  service.unit = "nginx.service";
  activated.manager = true;
  docker.runtime = Runtime::docker;
  docker.container = std::string(64, 'a');
  for (const Case& c : {Case{service, "nginx.service", ""}, Case{activated, "systemd (activated)", ""},
                        Case{docker, "", "docker aaaaaaaaaaaa"}}) {
    AuditWorld world;
    world.hold(world.tcp(State::listen, "*:8080").queue(3, 2), 7, "web");
    world.holders.processes[7].workload = c.workload;
    const auto& found = world.run("accept-queue");
    BOOST_REQUIRE(found.size() == 1U);
    BOOST_TEST(found[0].owner.unit == c.unit);
    BOOST_TEST(found[0].owner.container == c.container);
  }
}

// ---- all rules ----

BOOST_AUTO_TEST_CASE(every_rule_is_described_and_named_once) {
  std::set<std::string_view> ids;
  for (const Rule* rule : rules()) {
    BOOST_TEST_CONTEXT(rule->id) {
      BOOST_TEST(ids.insert(rule->id).second);
      BOOST_TEST(rule->make != nullptr);
      for (const std::string_view text : {rule->condition, rule->meaning, rule->advice}) BOOST_TEST(text.size() > 20);
      BOOST_TEST(!(rule->critical.empty() && rule->warning.empty() && rule->note.empty()));
      std::set<std::string_view> names;
      for (const Threshold& t : rule->thresholds) {
        BOOST_TEST(names.insert(t.name).second);
        BOOST_TEST(!t.meaning.empty());
        BOOST_TEST(t.value > 0);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(every_rule_is_silent_about_nothing) {
  for (const Rule* rule : rules()) {
    AuditWorld world;
    for (std::size_t i = 0; i < kFacts; ++i)
      world.facts.set(static_cast<Fact>(i), 0), world.later.set(static_cast<Fact>(i), 0);
    for (const Fact limit : {Fact::local_port_high, Fact::tcp_mem_pressure, Fact::tcp_mem_high, Fact::udp_mem_pressure,
                             Fact::udp_mem_high})
      world.facts.set(limit, 9), world.later.set(limit, 9);
    BOOST_TEST_CONTEXT(rule->id) BOOST_TEST(world.run(rule->id, 2).empty());
  }
}

BOOST_AUTO_TEST_CASE(thresholds_are_settable) {
  AuditWorld world;
  for (int i = 0; i < 3; ++i) world.tcp(State::close_wait, "10.0.0.1:80", "10.0.0.2:9");
  world.hold_all(7, "java");
  world.settings = {{"count", 3}, {"note_count", 1}};
  BOOST_TEST(world.run("close-wait").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_rule_whose_tables_fail_could_not_look) {
  const std::vector<ChosenRule> chosen{ChosenRule(*find_rule("close-wait")),
                                       ChosenRule(*find_rule("accept-queue-unix"))};
  AuditWorld world;
  const auto why = [](Fact) { return std::string(); };
  const Look look{.facts = world.facts, .holders = world.holders, .names = world.names, .why_absent = why};
  Audit audit(chosen, 5);
  audit.begin_look(look);
  audit.note({ProtocolSet{Protocol::tcp}, "tcp: Permission denied", true});
  audit.note_absent({Protocol::mptcp});
  audit.note({kUnixProtocols, "unix: it changed while it was read", false});
  audit.end_look();
  const auto& not_looked = audit.conclude().not_looked();
  BOOST_REQUIRE(not_looked.size() == 2U);
  BOOST_TEST(not_looked[0].rule->id == "close-wait");
  BOOST_TEST(!not_looked[0].in_part);
  BOOST_TEST(not_looked[1].rule->id == "accept-queue-unix");
  BOOST_TEST(not_looked[1].in_part);
}

BOOST_AUTO_TEST_CASE(a_rule_that_saw_nothing_in_its_second_look_could_not_look) {
  const std::vector<ChosenRule> chosen{ChosenRule(*find_rule("reader-slow")), ChosenRule(*find_rule("half-closed"))};
  AuditWorld world;
  const auto why = [](Fact) { return std::string(); };
  const Look first{.facts = world.facts, .holders = world.holders, .names = world.names, .why_absent = why};
  const Look second{
      .number = 1, .facts = world.facts, .holders = world.holders, .names = world.names, .why_absent = why};
  Audit audit(chosen, 5);
  audit.begin_look(first);
  audit.end_look();
  audit.begin_look(second);
  audit.note({ProtocolSet{Protocol::tcp}, "tcp: No buffer space available", true});
  audit.end_look();
  const auto& not_looked = audit.conclude().not_looked();
  BOOST_REQUIRE(not_looked.size() == 1U);  // half-closed had its look
  BOOST_TEST(not_looked[0].rule->id == "reader-slow");
}

BOOST_AUTO_TEST_CASE(a_backend_without_a_field_blinds_the_rules_that_need_it) {
  const std::vector<ChosenRule> chosen{ChosenRule(*find_rule("half-closed")), ChosenRule(*find_rule("close-wait"))};
  AuditWorld world;
  const auto why = [](Fact) { return std::string(); };
  const Look look{.facts = world.facts, .holders = world.holders, .names = world.names, .why_absent = why};
  Audit audit(chosen, 5);
  audit.begin_look(look);
  audit.note_fields(Protocol::tcp, {Field::inode, Field::queues}, "procfs");
  audit.end_look();
  const auto& not_looked = audit.conclude().not_looked();
  BOOST_REQUIRE(not_looked.size() == 1U);
  BOOST_TEST(not_looked[0].rule->id == "half-closed");
  BOOST_TEST(not_looked[0].reason == "tcp: procfs does not supply tcp_info");
}

BOOST_AUTO_TEST_SUITE_END()
