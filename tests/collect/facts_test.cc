// Facts from made-up trees: each form, what is absent, and why.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/facts.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "tests/base/scratch.h"

using namespace duostat;
using duostat::test::Scratch;

namespace {

FactSet all_facts() {
  FactSet all;
  for (std::size_t i = 0; i < kFacts; ++i) all.add(static_cast<Fact>(i));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(facts)

BOOST_AUTO_TEST_CASE(each_form_is_read) {
  const Scratch tree;
  tree.write("net/sockstat", "sockets: used 161\nTCP: inuse 5 orphan 7 tw 2 alloc 9 mem 267\nUDP: inuse 3 mem 11\n");
  tree.write("sys/net/ipv4/tcp_mem", "187857\t250477\t375714\n");
  tree.write("sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
  tree.write("net/netstat",
             "TcpExt: SyncookiesSent ListenDrops TCPRcvQDrop\nTcpExt: 3 4 5\nIpExt: InNoRoutes\nIpExt: 9\n");
  tree.write("net/snmp",
             "Ip: Forwarding ReasmFails\nIp: 1 6\nTcp: InErrs\nTcp: 8\nUdp: InErrors MemErrors\nUdp: 1 2\n");
  tree.write("net/snmp6", "Ip6ReasmFails                   \t17\nUdp6MemErrors                   \t18\n");
  tree.write("net/stat/arp_cache",
             "entries  allocs   table_fulls\n0000000a 00000001 00000002\n0000000a 00000003 0000000f\n");
  tree.write("net/softnet_stat", "00000001 00000002 00000000\n00000001 0000000a 00000000\n");
  tree.write("net/dev",
             "Inter-|   Receive\n face |bytes\n    lo:  1 2 3 4 5 6 7 8 9\n a:b0: 10 20 30 40 50\n");
  const Facts facts = read_facts(ProcDir(tree.path()), all_facts());
  const auto is = [&](Fact fact, std::uint64_t value) { BOOST_TEST(facts.get(fact).value_or(9999) == value); };
  is(Fact::tcp_orphan, 7);
  is(Fact::tcp_mem, 267);
  is(Fact::udp_mem, 11);
  is(Fact::tcp_mem_pressure, 250477);
  is(Fact::tcp_mem_high, 375714);
  is(Fact::local_port_low, 32768);
  is(Fact::local_port_high, 60999);
  is(Fact::syncookies_sent, 3);
  is(Fact::receive_queue_drop, 5);
  is(Fact::reassembly_failed, 6);
  is(Fact::tcp_in_errors, 8);
  is(Fact::udp_memory_errors, 2);
  is(Fact::reassembly6_failed, 17);
  is(Fact::udp6_memory_errors, 18);
  is(Fact::neighbours, 10);        // each line has the host's number
  is(Fact::neighbours_full, 17);   // a processor each
  is(Fact::softnet_dropped, 12);
  is(Fact::interface_rx_dropped, 44);
}

BOOST_AUTO_TEST_CASE(what_was_not_read_is_absent_and_says_why) {
  const Scratch tree;
  tree.write("net/netstat", "TcpExt: SyncookiesSent\nTcpExt: 3\n");
  tree.write("net/sockstat", "TCP: inuse 5 orphan x\n");
  tree.write("net/stat/arp_cache", "entries\n0000000a\n");
  const ProcDir proc(tree.path());
  const Facts facts = read_facts(proc, all_facts());
  BOOST_TEST(!facts.get(Fact::tcp_max_orphans));
  BOOST_TEST(facts.error(Fact::tcp_max_orphans) == ENOENT);
  BOOST_TEST(why_absent(proc, facts, Fact::tcp_max_orphans) ==
             tree.path() + "/sys/net/ipv4/tcp_max_orphans: No such file or directory");
  BOOST_TEST(!facts.get(Fact::receive_queue_drop));
  BOOST_TEST(facts.error(Fact::receive_queue_drop) == 0);
  BOOST_TEST(why_absent(proc, facts, Fact::receive_queue_drop) ==
             tree.path() + "/net/netstat has no TcpExt TCPRcvQDrop");
  BOOST_TEST(!facts.get(Fact::tcp_orphan));
  BOOST_TEST(!facts.get(Fact::neighbours_full));
}

BOOST_AUTO_TEST_CASE(only_wanted_facts_are_read) {
  const Scratch tree;
  tree.write("sys/fs/file-nr", "880\t0\t2466160\n");
  const Facts facts = read_facts(ProcDir(tree.path()), {Fact::file_max});
  BOOST_TEST(facts.get(Fact::file_max).value_or(0) == 2466160U);
  BOOST_TEST(!facts.get(Fact::file_handles));
}

BOOST_AUTO_TEST_CASE(growth_needs_both_looks) {
  Facts before, after;
  BOOST_TEST(!growth(before, after, Fact::backlog_drop));
  before.set(Fact::backlog_drop, 5);
  BOOST_TEST(!growth(before, after, Fact::backlog_drop));
  after.set(Fact::backlog_drop, 9);
  BOOST_TEST(growth(before, after, Fact::backlog_drop).value_or(0) == 4U);
  after.set(Fact::backlog_drop, 3);
  BOOST_TEST(!growth(before, after, Fact::backlog_drop));
}

BOOST_AUTO_TEST_SUITE_END()
