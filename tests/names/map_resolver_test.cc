// The fake resolver that other folders' tests use.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/map_resolver.h"

#include <boost/test/unit_test.hpp>

using namespace duostat;

BOOST_AUTO_TEST_SUITE(map_resolver)

BOOST_AUTO_TEST_CASE(knows_what_it_was_told) {
  MapResolver names;
  const Address address{192, 0, 2, 1};
  names.services[{22, ServiceProtocol::tcp}] = "ssh";
  names.services_last[{22, ServiceProtocol::tcp}] = "other";
  names.ip_protocols[1] = "icmp";
  names.users[0] = "root";
  names.interfaces[7] = "wan";
  names.hosts[{Family::inet, address}] = "here.example";
  names.networks[address] = "net";
  BOOST_TEST(names.service(22, ServiceProtocol::tcp) == "ssh");
  BOOST_TEST(names.service_last(22, ServiceProtocol::tcp) == "other");
  BOOST_TEST(names.ip_protocol(1) == "icmp");
  BOOST_TEST(names.user(0) == "root");
  BOOST_TEST(names.interface(7) == "wan");
  BOOST_TEST(names.interface_index("wan") == 7u);
  BOOST_TEST(names.host(Family::inet, address) == "here.example");
  BOOST_TEST(names.network(address) == "net");
}

BOOST_AUTO_TEST_CASE(knows_nothing_else) {
  MapResolver names;
  names.services[{22, ServiceProtocol::tcp}] = "ssh";
  BOOST_TEST(names.service(22, ServiceProtocol::udp) == "");
  BOOST_TEST(names.service_last(22, ServiceProtocol::tcp) == "");
  BOOST_TEST(names.host(Family::inet6, Address{}) == "");
  BOOST_TEST(names.interface_index("wan") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
