// What counts as new, gone or changed between two snapshots.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/changes.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <utility>

namespace duostat {
namespace {

SnapshotSocket connection(std::uint32_t port, std::uint64_t cookie, State state = State::established) {
  SnapshotSocket s;
  s.protocol = Protocol::tcp;
  s.family = Family::inet;
  s.state = state;
  s.cookie = cookie;
  s.inode = state == State::time_wait ? 0 : 1000 + cookie;
  s.local = {{127, 0, 0, 1}, port, 0, Family::inet};
  s.remote = {{127, 0, 0, 1}, 40000, 0, Family::inet};
  s.rqueue = s.wqueue = 0;
  s.pid = s.inode == 0 ? 0 : 12;
  s.process = s.inode == 0 ? "" : "server";
  return s;
}

Snapshot snapshot(std::vector<SnapshotSocket> sockets = {}) {
  Snapshot s;
  s.hostname = "web1";
  s.netns = 4026531840;
  s.boot_ns = 1'000'000'000'000;
  s.sockets = std::move(sockets);
  return s;
}

/// "new tcp 127.0.0.1:80 …: …", a line each.
std::string lines(const Comparison& found) {
  std::string text;
  for (const Change& c : found.changes) {
    text += std::string(word_of(c.kind)) + " " + std::string(word_of(c.subject)) + " " + c.object;
    if (!c.property.empty()) text += ", " + std::string(c.property);
    text += ": " + c.before + (c.before.empty() || c.now.empty() ? "" : " -> ") + c.now;
    if (c.difference) text += " (" + std::to_string(*c.difference) + ")";
    text += "\n";
  }
  return text;
}
std::string differing(const Snapshot& before, const Snapshot& now, ChangeLimits limits = {}) {
  return lines(compare(before, now, limits));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(changes)

BOOST_AUTO_TEST_CASE(nothing_differs_from_itself) {
  Snapshot s = snapshot({connection(80, 1), connection(80, 2), connection(80, 1, State::time_wait)});
  s.routes.emplace_back().interface = "eth0";
  s.interfaces.emplace_back().name = "eth0";
  s.counters = {{"Ip", {{"InReceives", 7}}}};
  BOOST_TEST(differing(s, s) == "");
}

BOOST_AUTO_TEST_CASE(sockets_by_cookie) {
  // The second has the addresses of the first, but is another connection.
  BOOST_TEST(differing(snapshot({connection(80, 1)}), snapshot({connection(80, 2)})) ==
             "new socket 127.0.0.1:80 127.0.0.1:40000: ESTAB, server 12\n"
             "gone socket 127.0.0.1:80 127.0.0.1:40000: ESTAB, server 12\n");
  BOOST_TEST(differing(snapshot({connection(80, 1)}), snapshot({connection(80, 1, State::close_wait)})) ==
             "changed socket 127.0.0.1:80 127.0.0.1:40000, state: ESTAB -> CLOSE-WAIT\n");
  // The inode is gone, and with it the owner.
  BOOST_TEST(differing(snapshot({connection(80, 1)}), snapshot({connection(80, 1, State::time_wait)})) ==
             "changed socket 127.0.0.1:80 127.0.0.1:40000, state: ESTAB -> TIME-WAIT\n");
}

BOOST_AUTO_TEST_CASE(sockets_of_another_boot_by_address) {
  for (const auto& change : std::initializer_list<std::function<void(Snapshot&)>>{
           [](Snapshot& s) { s.hostname = "web2"; }, [](Snapshot& s) { s.netns = 5; },
           [](Snapshot& s) { *s.boot_ns += 3'600'000'000'000; }, [](Snapshot& s) { s.boot_ns.reset(); }}) {
    Snapshot other = snapshot({connection(80, 99), connection(81, 1)});
    change(other);
    const Comparison found = compare(snapshot({connection(80, 1)}), other);
    BOOST_TEST(!found.same_boot);
    BOOST_TEST(lines(found) == "new socket 127.0.0.1:81 127.0.0.1:40000: ESTAB, server 12\n");
  }
  Snapshot set = snapshot({connection(80, 1)});
  *set.boot_ns += 2'000'000'000;  // the clock was set a little
  BOOST_TEST(compare(snapshot({connection(80, 1)}), set).same_boot);
}

BOOST_AUTO_TEST_CASE(sockets_without_a_cookie) {
  SnapshotSocket a = connection(80, 0), b = connection(81, 0);
  BOOST_TEST(differing(snapshot({a, b}), snapshot({b})) ==
             "gone socket 127.0.0.1:80 127.0.0.1:40000: ESTAB, server 12\n");
  BOOST_TEST(differing(snapshot({a}), snapshot({a, a})) ==  // a reuseport group, by the text of procfs
             "new socket 127.0.0.1:80 127.0.0.1:40000: ESTAB, server 12\n");
}

BOOST_AUTO_TEST_CASE(owners) {
  SnapshotSocket now = connection(80, 1);
  now.process = "other";
  now.pid = 13;
  BOOST_TEST(differing(snapshot({connection(80, 1)}), snapshot({now})) ==
             "changed socket 127.0.0.1:80 127.0.0.1:40000, owner: server 12 -> other 13\n");
  now.pid = 0;  // not visible now
  const Comparison found = compare(snapshot({connection(80, 1)}), snapshot({now}));
  BOOST_TEST(lines(found) == "");
  BOOST_TEST(found.owners_not_compared == 1u);
}

BOOST_AUTO_TEST_CASE(queues_past_a_threshold) {
  SnapshotSocket little = connection(80, 1), much = little, more = little;
  little.rqueue = 100;
  much.rqueue = 70000;
  more.rqueue = 90000;
  BOOST_TEST(differing(snapshot({little}), snapshot({much})) ==
             "changed socket 127.0.0.1:80 127.0.0.1:40000, rqueue: 100 -> 70000 (69900)\n");
  BOOST_TEST(differing(snapshot({much}), snapshot({little})) ==
             "changed socket 127.0.0.1:80 127.0.0.1:40000, rqueue: 70000 -> 100 (-69900)\n");
  BOOST_TEST(differing(snapshot({much}), snapshot({more})) == "");
  BOOST_TEST(differing(snapshot({connection(80, 1)}), snapshot({little}), {.queue = 100}) ==
             "changed socket 127.0.0.1:80 127.0.0.1:40000, rqueue: 0 -> 100 (100)\n");
  SnapshotSocket unknown = much;
  unknown.rqueue.reset();
  BOOST_TEST(differing(snapshot({little}), snapshot({unknown})) == "");
}

BOOST_AUTO_TEST_CASE(listeners) {
  const auto listener = [](std::uint32_t port, std::string process) {
    Listener l;
    l.protocol = Protocol::tcp;
    l.family = Family::inet6;
    l.local.family = Family::inet6;
    l.local.port = port;
    l.pid = 7;
    l.process = std::move(process);
    l.uid = 0;
    return l;
  };
  Snapshot before = snapshot(), now = snapshot();
  before.listeners = {listener(22, "sshd"), listener(25, "exim4"), listener(80, "nginx")};
  now.listeners = {listener(22, "sshd"), listener(80, "nc"), listener(8080, "java")};
  BOOST_TEST(differing(before, now) ==
             "changed listener [::]:80, owner: nginx, user 0 -> nc, user 0\n"
             "new listener [::]:8080: java, user 0\n"
             "gone listener [::]:25: exim4, user 0\n");
}

BOOST_AUTO_TEST_CASE(routes) {
  const auto route = [](std::uint8_t last, std::string interface) {
    Route r;
    r.destination = {10, 0, 0, last};
    r.mask = {255, 255, 255, 0};
    r.gateway = {10, 9, 9, 9};
    r.metric = 100;
    r.interface = std::move(interface);
    return r;
  };
  Snapshot before = snapshot(), now = snapshot();
  before.routes = {route(0, "eth0"), route(1, "eth0"), route(2, "eth0")};
  now.routes = {route(0, "eth0"), route(1, "eth1"), route(2, "eth0")};
  now.routes[2].mtu = 1400;
  BOOST_TEST(differing(before, now) ==
             "new route 10.0.0.1/24 via 10.9.9.9 dev eth1: metric 100\n"
             "changed route 10.0.0.2/24 via 10.9.9.9 dev eth0, mtu: 0 -> 1400 (1400)\n"
             "gone route 10.0.0.1/24 via 10.9.9.9 dev eth0: metric 100\n");
}

BOOST_AUTO_TEST_CASE(interfaces) {
  Interface up;
  up.name = "eth0";
  up.flags = kInterfaceUp | kInterfaceRunning;
  up.mtu = 1500;
  up.inet = InterfaceInet{{10, 0, 0, 1}, {}, {}, {}};
  Interface down = up, other = up;
  down.flags = 0;
  down.mtu = 9000;
  down.inet.reset();
  other.name = "eth1";
  Snapshot before = snapshot(), now = snapshot();
  before.interfaces = {up};
  now.interfaces = {down, other};
  BOOST_TEST(differing(before, now) ==
             "changed interface eth0, status: up -> down\n"
             "changed interface eth0, carrier: yes -> no\n"
             "changed interface eth0, addresses: 10.0.0.1\n"
             "changed interface eth0, mtu: 1500 -> 9000\n"
             "new interface eth1: up\n");
}

BOOST_AUTO_TEST_CASE(counters) {
  Snapshot before = snapshot(), now = snapshot();
  before.counters = {{"Tcp", {{"InErrs", 5}, {"InSegs", 9}, {"Broken", 3, false}}}};
  now.counters = {{"Tcp", {{"InErrs", 8}, {"InSegs", 9}, {"Broken", 4}}}, {"IcmpMsg", {{"InType3", 2}}}};
  BOOST_TEST(differing(before, now) ==
             "changed counter Tcp InErrs, value: 5 -> 8 (3)\n"
             "new counter Tcp Broken: 4\n"
             "new counter IcmpMsg InType3: 2\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
