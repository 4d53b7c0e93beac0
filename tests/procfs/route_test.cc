// Routing tables: columns by name, rows that are short, addresses in host order.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/route.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "tests/base/scratch.h"

namespace duostat {
namespace {

constexpr char kHeading[] = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT   \n";

struct Read {
  RouteHeading heading;
  Coverage coverage;
  std::vector<Route> routes;
  std::vector<std::string> interfaces;
};

Read read(const std::string& text) {
  test::Scratch scratch;
  scratch.write("net/route", text);
  Read result;
  result.coverage = read_routes(ProcDir(scratch.path()), result.heading, [&](const Route& route) {
    result.routes.push_back(route);
    result.interfaces.emplace_back(route.interface);
  });
  return result;
}

BOOST_AUTO_TEST_SUITE(procfs_route)

BOOST_AUTO_TEST_CASE(a_row) {
  const Read r = read(std::string(kHeading) + "t_veth\t000010AC\t0300010A\t0003\t1\t2\t-7\t0000F0FF\t1400\t5840\t300  \n");
  BOOST_TEST_REQUIRE(r.routes.size() == 1);
  const Route& route = r.routes[0];
  BOOST_TEST(r.interfaces[0] == "t_veth");
  BOOST_TEST((route.destination == Address{172, 16}));
  BOOST_TEST((route.gateway == Address{10, 1, 0, 3}));
  BOOST_TEST((route.mask == Address{255, 240}));
  BOOST_TEST(route.flags == 3);
  BOOST_TEST(route.references == 1);
  BOOST_TEST(route.uses == 2);
  BOOST_TEST(route.metric == -7);
  BOOST_TEST(route.mtu == 1400);
  BOOST_TEST(route.window == 5840);
  BOOST_TEST(route.irtt == 300);
}

BOOST_AUTO_TEST_CASE(unknown_columns_are_stepped_over) {
  const Read r = read("Iface Extra Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT Last\n"
                      "eth0 x 0000000A 00000000 0001 0 0 5 000000FF 1 2 3 y\n");
  BOOST_TEST_REQUIRE(r.routes.size() == 1);
  BOOST_TEST(r.routes[0].metric == 5);
  BOOST_TEST(r.routes[0].irtt == 3);
}

BOOST_AUTO_TEST_CASE(columns_must_be_there_in_order) {
  BOOST_TEST(read("Iface Destination Gateway Flags RefCnt Use Metric Mask MTU IRTT\nx 1 2 3 4 5 6 7 8 9\n")
                 .heading.missing_column == "Window");
  BOOST_TEST(read("Iface Destination Flags Gateway RefCnt Use Metric Mask MTU Window IRTT\n").heading.missing_column ==
             "Flags");
  BOOST_TEST(!read("").heading.present);
}

BOOST_AUTO_TEST_CASE(rows_of_fewer_than_ten_columns_are_left_out) {
  const Read ten = read(std::string(kHeading) + "eth0\t0000000A\t00000000\t0001\t0\t0\t7\t000000FF\t1\t2\n");
  BOOST_TEST(ten.routes.size() == 1);
  BOOST_TEST(ten.routes.at(0).irtt == 0);
  const Read nine = read(std::string(kHeading) + "eth0\t0000000A\t00000000\t0001\t0\t0\t7\t000000FF\t1\n\n");
  BOOST_TEST(nine.routes.empty());
  BOOST_TEST(nine.coverage.malformed == 2);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_told) {
  RouteHeading heading;
  const Coverage coverage = read_routes(ProcDir("/nonexistent"), heading, [](const Route&) {});
  BOOST_TEST(coverage.error == ENOENT);
  BOOST_TEST(coverage.object == "/nonexistent/net/route");
}

BOOST_AUTO_TEST_CASE(ipv6) {
  const std::string line =
      "20010db8000200000000000000000000 30 00000000000000000000000000000000 00 20010db8000100000000000000000002 "
      "0000002a 00000002 00000003 00400003   t_veth";
  Route6 route;
  BOOST_TEST_REQUIRE(parse_route6(line, route));
  BOOST_TEST(route.interface == "t_veth");
  BOOST_TEST((route.destination == Address{0x20, 0x01, 0x0d, 0xb8, 0x00, 0x02}));
  BOOST_TEST(route.prefix_length == 48);
  BOOST_TEST(route.next_hop[15] == 2);
  BOOST_TEST(route.metric == 42);
  BOOST_TEST(route.references == 2);
  BOOST_TEST(route.uses == 3);
  BOOST_TEST(route.flags == 0x400003);
  // The interface is the last column: without a byte of it the row is none.
  for (std::size_t length = 0; length + 6 <= line.size(); ++length)
    BOOST_TEST(!parse_route6(std::string_view(line).substr(0, length), route), length);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
