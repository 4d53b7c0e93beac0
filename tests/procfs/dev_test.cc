// Interfaces: names up to the colon, counters, IPv6 addresses.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/dev.h"

#include <boost/test/unit_test.hpp>

namespace duostat {
namespace {

BOOST_AUTO_TEST_SUITE(procfs_dev)

BOOST_AUTO_TEST_CASE(counters_in_order) {
  std::string_view name;
  InterfaceCounters c;
  BOOST_TEST_REQUIRE(parse_dev("    lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", name, c));
  BOOST_TEST(name == "lo");
  BOOST_TEST(c.rx_bytes == 1);
  BOOST_TEST(c.rx_packets == 2);
  BOOST_TEST(c.rx_errors == 3);
  BOOST_TEST(c.rx_dropped == 4);
  BOOST_TEST(c.rx_fifo == 5);
  BOOST_TEST(c.rx_frame == 6);
  BOOST_TEST(c.rx_compressed == 7);
  BOOST_TEST(c.rx_multicast == 8);
  BOOST_TEST(c.tx_bytes == 9);
  BOOST_TEST(c.tx_packets == 10);
  BOOST_TEST(c.tx_errors == 11);
  BOOST_TEST(c.tx_dropped == 12);
  BOOST_TEST(c.tx_fifo == 13);
  BOOST_TEST(c.tx_collisions == 14);
  BOOST_TEST(c.tx_carrier == 15);
  BOOST_TEST(c.tx_compressed == 16);
}

BOOST_AUTO_TEST_CASE(a_number_may_touch_the_colon_and_a_name_may_be_long) {
  std::string_view name;
  InterfaceCounters c;
  BOOST_TEST_REQUIRE(parse_dev("averylongbrname:18446744073709551615 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", name, c));
  BOOST_TEST(name == "averylongbrname");
  BOOST_TEST(c.rx_bytes == 18446744073709551615u);
  BOOST_TEST_REQUIRE(parse_dev("  eth0:7: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16", name, c));
  BOOST_TEST(name == "eth0:7");
}

BOOST_AUTO_TEST_CASE(rows_that_are_none) {
  std::string_view name;
  InterfaceCounters c;
  for (const char* line : {"", "lo", "lo:", ": 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
                           "lo: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15", "lo: 1 2 3 4 5 6 7 8 x 10 11 12 13 14 15 16"})
    BOOST_TEST(!parse_dev(line, name, c), line);
}

BOOST_AUTO_TEST_CASE(ipv6_addresses) {
  const std::string_view line = "fe8000000000000000fc00fffe000001 04 40 20 80     eth0";
  std::string_view name;
  InterfaceAddress6 a;
  BOOST_TEST_REQUIRE(parse_if_inet6(line, name, a));
  BOOST_TEST(name == "eth0");
  BOOST_TEST(a.prefix_length == 64);
  BOOST_TEST(a.scope == 0x20);
  BOOST_TEST((a.address == Address{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0xfc, 0, 0xff, 0xfe, 0, 0, 1}));
  for (std::size_t length = 0; length + 4 <= line.size(); ++length)
    BOOST_TEST(!parse_if_inet6(line.substr(0, length), name, a), length);
  BOOST_TEST(!parse_if_inet6("ge8000000000000000fc00fffe000001 04 40 20 80     eth0", name, a));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
