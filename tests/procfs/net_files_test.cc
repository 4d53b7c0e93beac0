// Readers of the /proc/net files whose rows are not sockets: routes, interfaces, groups, counters, masquerading.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>

#include "src/procfs/dev.h"
#include "src/procfs/if_inet6.h"
#include "src/procfs/igmp.h"
#include "src/procfs/ipv6_route.h"
#include "src/procfs/masquerade.h"
#include "src/procfs/route.h"
#include "src/procfs/snmp.h"
#include "src/procfs/text_file.h"
#include "tests/base/scratch.h"

namespace duostat {
namespace {

const std::string kRouteHeading =
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n";

/// Calls `read` on a tree that has only this file.
template <class Read>
auto with_file(std::string_view name, std::string_view text, Read&& read) {
  test::Scratch scratch;
  scratch.write(name, text);
  return read(ProcDir(scratch.path()));
}

BOOST_AUTO_TEST_SUITE(procfs_net_files)

BOOST_AUTO_TEST_CASE(route_rows) {
  std::vector<Route> routes;
  const Coverage coverage = with_file(
      "net/route",
      kRouteHeading + "eth0\t000210AC\t010200C0\t0003\t1\t2\t4294967295\t00FFFFFF\t1400\t5840\t300\n"
                      "eth1\t000210AC\t0\t0003\t1\t2\t3\t00FFFFFF\t0\t0\t0\n"  // a gateway of one digit
                      "eth2\t000210AC\n"                                        // the last line in an old kernel
                      "*\t000210AC\t00000000\t1FFFFFFFF\t0\t0\t0\t00FFFFFF\t7\t8",
      [&](const ProcDir& proc) { return read_routes(proc, routes); });
  BOOST_TEST(coverage.error == 0);
  BOOST_TEST(coverage.malformed == 1u);
  BOOST_TEST_REQUIRE(routes.size() == 2u);
  BOOST_TEST((routes[0].destination == Address{172, 16, 2, 0} && routes[0].gateway == Address{192, 0, 2, 1}));
  BOOST_TEST((routes[0].mask == Address{255, 255, 255, 0}));
  BOOST_TEST(routes[0].metric == 4294967295u);
  BOOST_TEST(routes[0].irtt == 300u);
  BOOST_TEST(routes[1].interface == "*");
  BOOST_TEST(routes[1].flags == 0xffffffffu);
  BOOST_TEST(routes[1].irtt == 0u);
}

BOOST_AUTO_TEST_CASE(route_columns_are_found_by_name) {
  std::vector<Route> routes;
  with_file("net/route",
            "Iface Destination Novelty Gateway Flags RefCnt Use Metric Mask MTU Window IRTT\n"
            "eth0 000210AC 99 010200C0 0003 1 2 3 00FFFFFF 4 5 6\n",
            [&](const ProcDir& proc) { return read_routes(proc, routes); });
  BOOST_TEST_REQUIRE(routes.size() == 1u);
  BOOST_TEST((routes[0].gateway == Address{192, 0, 2, 1}));
  const Coverage missing = with_file("net/route", "Iface Destination Gateway Flags Use\n",
                                     [&](const ProcDir& proc) { return read_routes(proc, routes); });
  BOOST_TEST((missing.operation == Operation::missing_column));
  BOOST_TEST(missing.object == "RefCnt");
  const Coverage empty = with_file("net/route", "", [&](const ProcDir& proc) { return read_routes(proc, routes); });
  BOOST_TEST((empty.operation == Operation::missing_column));
  BOOST_TEST(empty.object == "");
}

BOOST_AUTO_TEST_CASE(a_route_cut_anywhere_is_whole_or_nothing) {
  const std::string row = "eth0\t000210AC\t010200C0\t0003\t1\t2\t3\t00FFFFFF\t1400\t5840\t300";
  for (std::size_t length = 0; length < row.size(); ++length) {
    std::vector<Route> routes;
    with_file("net/route", kRouteHeading + row.substr(0, length),
              [&](const ProcDir& proc) { return read_routes(proc, routes); });
    // A number may lose digits. Addresses and flags are either complete, or the row is dropped.
    for (const Route& route : routes) BOOST_TEST((route.flags == 3 && route.mask == Address{255, 255, 255, 0}), length);
    if (length < row.find("5840")) BOOST_TEST(routes.empty(), length);
  }
}

BOOST_AUTO_TEST_CASE(a_directory_is_a_read_error) {
  test::Scratch scratch;
  for (const char* name : {"route", "ipv6_route", "dev", "if_inet6", "igmp", "snmp6", "nf_conntrack"})
    scratch.write(std::string("net/") + name + "/x", "");
  const ProcDir proc(scratch.path());
  std::vector<Route> routes;
  std::vector<Interface> interfaces;
  std::vector<NamedInet6> addresses;
  std::vector<MulticastGroup> groups;
  std::vector<unsigned long> rejected;
  std::vector<CounterSection> sections;
  std::vector<MasqueradedConnection> connections;
  for (const Coverage& coverage :
       {read_routes(proc, routes), read_ipv6_routes(proc, routes), read_interfaces(proc, interfaces),
        read_inet6_addresses(proc, addresses), read_multicast_groups(proc, Family::inet, groups, rejected),
        read_counters6(proc, sections), read_conntrack(proc, connections)}) {
    BOOST_TEST(coverage.error == EISDIR);
    BOOST_TEST((coverage.operation == Operation::read));
  }
  BOOST_TEST((read_counter_pairs(proc, kNetstatFile, sections).operation == Operation::open));
}

BOOST_AUTO_TEST_CASE(ipv6_route_rows) {
  const std::string zeros(32, '0');
  std::vector<Route> routes;
  const Coverage coverage =
      with_file("net/ipv6_route",
                "20010db8000200000000000000000000 30 " + zeros +
                    " 00 20010db8000100000000000000000002 0000002a 00000002 00000011 "
                    "00400003   eth0\n" +
                    zeros + " 00 " + zeros + " 00 " + zeros + " ffffffff 00000001 00000000 00200200 \n" + zeros +
                    " 81 " + zeros + " 00 " + zeros + " ffffffff 00000001 00000000 00200200 lo\n" + zeros.substr(1) +
                    " 00 " + zeros + " 00 " + zeros + " ffffffff 00000001 00000000 00200200 lo\nshort\n",
                [&](const ProcDir& proc) { return read_ipv6_routes(proc, routes); });
  BOOST_TEST(coverage.malformed == 3u);
  BOOST_TEST_REQUIRE(routes.size() == 2u);
  BOOST_TEST(routes[0].prefix_length == 48);
  BOOST_TEST(routes[0].gateway[15] == 2);
  BOOST_TEST(routes[0].metric == 42u);
  BOOST_TEST(routes[0].use.value() == 17u);
  BOOST_TEST(routes[0].flags == 0x400003u);
  BOOST_TEST(routes[1].interface == "");
}

BOOST_AUTO_TEST_CASE(dev_rows) {
  std::vector<Interface> interfaces;
  const Coverage coverage = with_file("net/dev",
                                      "Inter-|\n face |bytes compressed\n"
                                      "averylongbrname:18446744073709551616 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n"
                                      "  eth0:1: 1 2 3\n    lo:\n no colon 1 2\n: 1 2\n",
                                      [&](const ProcDir& proc) { return read_interfaces(proc, interfaces); });
  BOOST_TEST(coverage.malformed == 2u);
  BOOST_TEST_REQUIRE(interfaces.size() == 3u);
  BOOST_TEST(interfaces[0].name == "averylongbrname");
  BOOST_TEST(interfaces[0].counters->rx_bytes == UINT64_MAX);
  BOOST_TEST(interfaces[0].counters->tx_compressed == 16u);
  BOOST_TEST(interfaces[1].name == "eth0:1");
  BOOST_TEST(interfaces[1].counters->rx_errors == 3u);
  BOOST_TEST(interfaces[1].counters->rx_dropped == 0u);
  BOOST_TEST(int{interfaces[1].counters->known} == 3);
  BOOST_TEST(int{interfaces[0].counters->known} == 16);
  BOOST_TEST(interfaces[2].name == "lo");
}

BOOST_AUTO_TEST_CASE(if_inet6_rows) {
  std::vector<NamedInet6> addresses;
  const Coverage coverage = with_file("net/if_inet6",
                                      "fe8000000000000000fc00fffe000001 04 40 20 80     eth0\n"
                                      "fe80 04 40 20 80 eth0\nfe8000000000000000fc00fffe000001 04 40 20\n",
                                      [&](const ProcDir& proc) { return read_inet6_addresses(proc, addresses); });
  BOOST_TEST(coverage.malformed == 2u);
  BOOST_TEST_REQUIRE(addresses.size() == 1u);
  BOOST_TEST(addresses[0].interface == "eth0");
  BOOST_TEST(addresses[0].address.prefix_length == 64);
  BOOST_TEST(addresses[0].address.scope == 0x20);
}

BOOST_AUTO_TEST_CASE(igmp_rows) {
  std::vector<MulticastGroup> groups;
  std::vector<unsigned long> rejected;
  with_file("net/igmp",
            "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
            "1\tlo        :     1      V3\n\t\t\t\t010000E0     2 0:00000000\t\t0\n"
            "2\taverylongbrname:     1      V3\n\t\t\t\t6A0000E0     1 0:00000000\t\t0\n\t\t\t\tzz 1\ngarbage\n",
            [&](const ProcDir& proc) { return read_multicast_groups(proc, Family::inet, groups, rejected); });
  BOOST_TEST_REQUIRE(groups.size() == 2u);
  BOOST_TEST(groups[0].interface == "lo");
  BOOST_TEST((groups[0].group == Address{224, 0, 0, 1}));
  BOOST_TEST(groups[0].users.value() == 2u);
  BOOST_TEST(groups[1].interface == "averylongbrname");
  BOOST_TEST((rejected == std::vector<unsigned long>{5, 6}));
}

BOOST_AUTO_TEST_CASE(igmp6_rows) {
  std::vector<MulticastGroup> groups;
  std::vector<unsigned long> rejected;
  with_file(
      "net/igmp6",
      "bogus\n4    eth0            ff0200000000000000000001ff000002     3 00000004 0\n4 eth0 ff02 3\n4 eth0 xx 1\n"
      "4 eth0 ff02000000000000000000000000000100 99999999999999999999\n",
      [&](const ProcDir& proc) { return read_multicast_groups(proc, Family::inet6, groups, rejected); });
  BOOST_TEST_REQUIRE(groups.size() == 3u);
  BOOST_TEST(groups[0].users.value() == 3u);
  BOOST_TEST(groups[0].group[15] == 2);
  BOOST_TEST((groups[1].group == Address{0, 0, 0xff, 2}));  // too short: a smaller number
  BOOST_TEST(groups[2].group[15] == 1);                     // too long: the rest is ignored
  BOOST_TEST(groups[2].users.value() == UINT32_MAX);                // and the count as scanf(3) reads it
  BOOST_TEST((rejected == std::vector<unsigned long>{0, 3}));
}

BOOST_AUTO_TEST_CASE(counter_pairs) {
  std::vector<CounterSection> sections;
  const Coverage coverage =
      with_file("net/snmp", "Ip: A B C\nIp: 1 -3\n\nUdp: D\nTcp: 18446744073709551616 5\nno name\nUdp: 1\n",
                [&](const ProcDir& proc) { return read_counter_pairs(proc, kSnmpFile, sections); });
  BOOST_TEST(coverage.malformed == 1u);
  BOOST_TEST_REQUIRE(sections.size() == 2u);
  BOOST_TEST(sections[0].name == "Ip");
  BOOST_TEST_REQUIRE(sections[0].counters.size() == 3u);
  BOOST_TEST(sections[0].counters[1].value == UINT64_MAX - 2);
  BOOST_TEST(sections[0].counters[1].known);
  BOOST_TEST(sections[0].counters[2].value == 0u);
  BOOST_TEST(!sections[0].counters[2].known);  // a name without a number: absent is not zero
  BOOST_TEST(sections[1].name == "Udp");
  BOOST_TEST(sections[1].counters[0].value == UINT64_MAX);
}

BOOST_AUTO_TEST_CASE(counters6_fall_into_sections) {
  std::vector<CounterSection> sections;
  const Coverage coverage = with_file("net/snmp6", "Ip6InReceives \t5\nIp6X 1\nUdp6X 2\nOdd 3\nUdp6Y\n\n",
                                      [&](const ProcDir& proc) { return read_counters6(proc, sections); });
  BOOST_TEST(coverage.malformed == 2u);
  BOOST_TEST_REQUIRE(sections.size() == 3u);
  BOOST_TEST(sections[0].name == "Ip6");
  BOOST_TEST(sections[0].counters.size() == 2u);
  BOOST_TEST(sections[1].name == "Udp6");
  BOOST_TEST(sections[2].name == "Odd");
}

BOOST_AUTO_TEST_CASE(conntrack_rows) {
  std::vector<MasqueradedConnection> connections;
  const Coverage coverage =
      with_file("net/nf_conntrack",
                "ipv4     2 tcp      6 100 ESTABLISHED src=10.0.0.2 dst=192.0.2.9 sport=1024 dport=22 src=192.0.2.9 "
                "dst=192.0.2.1 "
                "sport=22 dport=61440 [ASSURED] mark=0 use=2\n"
                "ipv4     2 udp      17 9 src=10.0.0.2 dst=192.0.2.9 sport=53 dport=53 src=192.0.2.9 dst=10.0.0.2 "
                "sport=53 dport=53\n"
                "ipv6     10 udp      17 9 src=::1 dst=::2 sport=53 dport=53 src=::2 dst=::3 sport=53 dport=53\n"
                "ipv4     2 udp      17 9 src=10.0.0.299 dst=192.0.2.9 src=192.0.2.9 dst=10.0.0.2\nbogus\n",
                [&](const ProcDir& proc) { return read_conntrack(proc, connections); });
  BOOST_TEST(coverage.malformed == 2u);
  BOOST_TEST_REQUIRE(connections.size() == 1u);
  BOOST_TEST((connections[0].source == Address{10, 0, 0, 2} && connections[0].destination == Address{192, 0, 2, 9}));
  BOOST_TEST(connections[0].masqueraded_port == 61440);
  BOOST_TEST(connections[0].expires.value() == 10000u);
  BOOST_TEST(!connections[0].sequence_known);
}

BOOST_AUTO_TEST_CASE(a_word_that_is_no_number_is_no_zero) {
  std::vector<CounterSection> sections;
  with_file("net/snmp", "Ip: A B C\nIp: x 5y 7\n",
            [&](const ProcDir& proc) { return read_counter_pairs(proc, kSnmpFile, sections); });
  BOOST_TEST_REQUIRE(sections.size() == 1u);
  BOOST_TEST(!sections[0].counters[0].known);
  BOOST_TEST(!sections[0].counters[1].known);
  BOOST_TEST(sections[0].counters[1].value == 5u);  // the text's value, like net-tools
  BOOST_TEST(sections[0].counters[2].known);
}

BOOST_AUTO_TEST_CASE(a_connection_in_hardware_has_no_time_left) {
  std::vector<MasqueradedConnection> connections;
  with_file("net/nf_conntrack",
            "ipv4     2 tcp      6 src=10.0.0.2 dst=192.0.2.9 sport=1024 dport=22 src=192.0.2.9 dst=192.0.2.1 sport=22 "
            "dport=61440 [OFFLOAD] mark=0 use=2\n",
            [&](const ProcDir& proc) { return read_conntrack(proc, connections); });
  BOOST_TEST_REQUIRE(connections.size() == 1u);
  BOOST_TEST(!connections[0].expires.has_value());
}

BOOST_AUTO_TEST_CASE(cached_routes) {
  std::vector<Route> routes;
  with_file("net/rt_cache",
            "Iface\tDestination\tGateway "
            "\tFlags\t\tRefCnt\tUse\tMetric\tSource\t\tMTU\tWindow\tIRTT\tTOS\tHHRef\tHHUptod\tSpecDst\n"
            "eth0\t0102000A\t010200C0\t0002\t0\t17\t0\t0100000A\t1500\t0\t3\t5\t1\t1\t0100000A\n",
            [&](const ProcDir& proc) { return read_route_cache(proc, routes); });
  BOOST_TEST_REQUIRE(routes.size() == 1u);
  BOOST_TEST_REQUIRE(routes[0].cache.has_value());
  BOOST_TEST(routes[0].cache->tos == 5u);
  BOOST_TEST((routes[0].cache->source == Address{10, 0, 0, 1}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
