// rtnetlink replies, written as labelled bytes, and the routes and links parsed from them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "src/rtnl/dump.h"
#include "src/rtnl/links.h"
#include "src/rtnl/routes.h"
#include "tests/diag/wire.h"

using namespace duostat;
using wire::Script;
using wire::Wire;

namespace {

constexpr std::uint16_t kNewLink = 16, kNewRoute = 24;
constexpr std::uint16_t kDst = 1, kOif = 4, kGateway = 5, kPriority = 6, kMetrics = 8, kMultipath = 9, kTable = 15,
                        kVia = 18;

Wire of_type(std::uint16_t type, const Wire& payload) { return wire::message(payload, {.type = type, .sequence = 1}); }
Wire done(int error = 0) {
  return wire::message(Wire().u32("error", static_cast<std::uint32_t>(-error)), {.type = wire::kDone, .sequence = 1});
}
Wire number(std::uint32_t value) { return Wire().u32("value", value); }
Wire ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return Wire().u8("", a).u8("", b).u8("", c).u8("", d);
}

Wire link(std::uint32_t index, std::string_view name) {
  return of_type(kNewLink, Wire()
                               .u8("ifi_family", 0).u8("pad", 0).u16("ifi_type", 1)
                               .u32("ifi_index", index).u32("ifi_flags", 0x1043).u32("ifi_change", 0)
                               .attribute(3, Wire().text("IFLA_IFNAME", name).u8("NUL", 0))
                               .attribute(4, number(1500)));
}

struct Head {
  std::uint8_t family = 2, length = 24, table = 254, protocol = 3, type = 1;
  std::uint32_t flags = 0;
};
Wire route(Head h, const Wire& attributes) {
  return of_type(kNewRoute, Wire()
                                .u8("rtm_family", h.family)
                                .u8("rtm_dst_len", h.length)
                                .u8("rtm_src_len", 0)
                                .u8("rtm_tos", 0)
                                .u8("rtm_table", h.table)
                                .u8("rtm_protocol", h.protocol)
                                .u8("rtm_scope", 0)
                                .u8("rtm_type", h.type)
                                .u32("rtm_flags", h.flags)
                                .append(attributes));
}

/// The routes in a reply, after a link dump that names interface 2 eth0 and 3 eth1.
std::vector<Route> routes_of(const Wire& answer, Coverage* coverage = nullptr) {
  Script script;
  script.datagram(Wire().append(link(2, "eth0")).append(link(3, "eth1"))).datagram(done());
  script.datagram(answer).datagram(done());
  std::vector<Route> routes;
  const Coverage c = rtnl::read_routes(wire::open_script(script), routes);
  if (coverage != nullptr) *coverage = c;
  return routes;
}

Wire hop(std::uint32_t index, const Wire& gateway, std::uint8_t flags = 0, std::uint8_t weight_less_one = 0) {
  const Wire inside = Wire().attribute(kGateway, gateway);
  return Wire()
      .u16("rtnh_len", static_cast<std::uint16_t>(8 + inside.size()))
      .u8("rtnh_flags", flags)
      .u8("rtnh_hops", weight_less_one)
      .u32("rtnh_ifindex", index)
      .append(inside);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(rtnl_routes)

BOOST_AUTO_TEST_CASE(a_route_through_a_gateway) {
  const Wire attributes = Wire()
                              .attribute(kDst, ipv4(172, 16, 0, 0)).attribute(kGateway, ipv4(10, 1, 0, 3))
                              .attribute(kOif, number(3)).attribute(kPriority, number(42))
                              .attribute(kMetrics, Wire().attribute(8, number(1360)).attribute(3, number(5840))
                                                       .attribute(4, number(2400)));
  const auto routes = routes_of(route({.length = 12}, attributes));
  BOOST_REQUIRE(routes.size() == 1u);
  const Route& r = routes[0];
  BOOST_TEST(r.interface == "eth1");
  BOOST_TEST(r.flags == (kRouteUp | kRouteGateway));
  BOOST_TEST((r.destination == Address{172, 16}));
  BOOST_TEST((r.gateway == Address{10, 1, 0, 3}));
  BOOST_TEST((r.mask == Address{255, 240}));
  BOOST_TEST(r.metric == 42u);
  BOOST_TEST(r.mtu == 1400u);
  BOOST_TEST(r.window == 5840u);
  BOOST_TEST(r.irtt == 300u);
}

BOOST_AUTO_TEST_CASE(flags_and_what_is_left_out) {
  const Wire to = Wire().attribute(kDst, ipv4(192, 0, 2, 0));
  const struct {
    Head head;
    std::size_t shown;
    std::uint32_t flags;
    std::string_view interface;
  } rows[] = {
      {{.type = 1}, 1, kRouteUp, "*"},
      {{.type = 7}, 1, kRouteUp | kRouteReject, "*"},
      {{.type = 8}, 1, kRouteUp | kRouteReject, "*"},
      {{.type = 6}, 1, kRouteUp, "*"},
      {{.length = 32, .type = 1}, 1, kRouteUp | kRouteHost, "*"},
      {{.type = 3}, 0, 0, ""},                  // broadcast
      {{.table = 255, .type = 2}, 0, 0, ""},    // another table
      {{.type = 1, .flags = 0x200}, 0, 0, ""},  // a clone in the cache
  };
  for (const auto& row : rows) {
    const auto routes = routes_of(route(row.head, to));
    BOOST_REQUIRE(routes.size() == row.shown);
    if (row.shown == 0) continue;
    BOOST_TEST(routes[0].flags == row.flags);
    BOOST_TEST(routes[0].interface == row.interface);
  }
  // The table number in the attribute takes precedence.
  BOOST_TEST(routes_of(route({.table = 0}, Wire().append(to).attribute(kTable, number(1000)))).empty());
}

BOOST_AUTO_TEST_CASE(of_several_hops_the_first) {
  const Wire hops = Wire().append(hop(2, ipv4(10, 0, 0, 1))).append(hop(3, ipv4(10, 0, 1, 1)));
  const auto routes = routes_of(route({}, Wire().attribute(kMultipath, hops)));
  BOOST_REQUIRE(routes.size() == 1u);
  BOOST_TEST(routes[0].interface == "eth0");
  BOOST_TEST((routes[0].gateway == Address{10, 0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(origin_and_all_hops) {
  const Wire hops = Wire().append(hop(2, ipv4(10, 0, 0, 1))).append(hop(3, ipv4(10, 0, 1, 1), 4, 2));
  const auto routes = routes_of(route({.protocol = 186, .type = 1}, Wire().attribute(kMultipath, hops)));
  BOOST_REQUIRE(routes.size() == 1u);
  BOOST_REQUIRE(routes[0].origin.has_value());
  const RouteOrigin& origin = *routes[0].origin;
  BOOST_TEST(origin.table == 254u);
  BOOST_TEST(int{origin.type} == 1);
  BOOST_TEST(int{origin.protocol} == 186);
  BOOST_REQUIRE(origin.hops.size() == 2u);
  BOOST_TEST(origin.hops[0].interface == "eth0");
  BOOST_TEST(origin.hops[0].weight == 1u);
  BOOST_TEST((origin.hops[1].gateway->address == Address{10, 0, 1, 1}));
  BOOST_TEST(origin.hops[1].weight == 3u);
  BOOST_TEST(int{origin.hops[1].flags} == 4);
  BOOST_TEST(!routes[0].use.has_value());  // not in rtnetlink: absent is not zero
  BOOST_TEST(!routes[0].references.has_value());
}

BOOST_AUTO_TEST_CASE(a_next_hop_of_the_other_family) {
  const Wire via = Wire().u16("rtvia_family", 10).u8("", 0xfe).u8("", 0x80).zeros("", 13).u8("", 1);
  const auto routes = routes_of(route({}, Wire().attribute(kVia, via)));
  BOOST_REQUIRE(routes.size() == 1u);
  BOOST_TEST((routes[0].flags & kRouteGateway) != 0u);
  BOOST_TEST(is_unspecified(routes[0].gateway));  // as in /proc
  BOOST_REQUIRE((routes[0].origin && routes[0].origin->via));
  BOOST_TEST((routes[0].origin->via->family == Family::inet6));
  BOOST_TEST((routes[0].origin->via->address == Address{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
}

std::vector<Route> inet6_routes_of(const Wire& answer, Coverage* coverage = nullptr) {
  Script script;
  script.datagram(Wire().append(link(2, "eth0")).append(link(3, "eth1"))).datagram(done());
  script.datagram(answer).datagram(done());
  std::vector<Route> routes;
  const Coverage c = rtnl::read_ipv6_routes(wire::open_script(script), routes);
  if (coverage != nullptr) *coverage = c;
  return routes;
}

BOOST_AUTO_TEST_CASE(an_on_link_gateway_has_the_bit_of_a_host_route) {
  constexpr std::uint32_t kOnLink = 4;  // RTNH_F_ONLINK
  const Wire gateway = Wire().zeros("", 15).u8("", 9);
  const Head inet6{.family = 10, .length = 64, .flags = kOnLink};
  auto routes = inet6_routes_of(route(inet6, Wire().attribute(kGateway, gateway).attribute(kOif, number(2))));
  BOOST_REQUIRE(!routes.empty());
  BOOST_TEST(routes[0].flags == (kRouteUp | kRouteGateway | kRouteHost));
  // Each hop separately.
  const Wire hops = Wire().append(hop(2, gateway)).append(hop(3, gateway, 4));
  routes = inet6_routes_of(route({.family = 10, .length = 64}, Wire().attribute(kMultipath, hops)));
  BOOST_REQUIRE(routes.size() >= 2u);
  BOOST_TEST(routes[0].flags == (kRouteUp | kRouteGateway));
  BOOST_TEST(routes[1].flags == (kRouteUp | kRouteGateway | kRouteHost));
  // For a next-hop object /proc does not show the flag.
  routes = inet6_routes_of(route(inet6, Wire().attribute(kGateway, gateway).attribute(30, number(7))));
  BOOST_REQUIRE(!routes.empty());
  BOOST_TEST(routes[0].flags == (kRouteUp | kRouteGateway));
}

// `ip -6 route add 2001:db8:1::/48 dev lo`: `!n` in /proc.
BOOST_AUTO_TEST_CASE(what_would_go_out_through_lo_is_rejected) {
  constexpr std::uint32_t kRejected = kRouteReject | kRouteNoNextHop;
  const Wire elsewhere = Wire().u8("", 0x20).u8("", 1).zeros("", 14), loopback = Wire().zeros("", 15).u8("", 1);
  const struct {
    Head head;
    Wire destination;
    std::uint32_t index, flags;
  } rows[] = {
      {{.family = 10, .length = 48, .type = 1}, elsewhere, 1, kRejected},
      {{.family = 10, .length = 48, .type = 1}, elsewhere, 2, kRouteUp},
      {{.family = 10, .length = 128, .type = 2}, elsewhere, 1, kRouteUp | kRouteLocal},
      {{.family = 10, .length = 128, .type = 4}, elsewhere, 1, kRouteUp | kRouteAnycast},
      {{.family = 10, .length = 128, .type = 1}, loopback, 1, kRouteUp},
  };
  for (const auto& row : rows) {
    const auto routes =
        inet6_routes_of(route(row.head, Wire().attribute(kDst, row.destination).attribute(kOif, number(row.index))));
    BOOST_REQUIRE(!routes.empty());
    BOOST_TEST(routes[0].flags == row.flags);
  }
}

BOOST_AUTO_TEST_CASE(a_kernel_without_ipv6_answers_for_other_families) {
  Coverage coverage;
  BOOST_TEST(inet6_routes_of(route({}, Wire().attribute(kDst, ipv4(192, 0, 2, 0))), &coverage).empty());
  BOOST_TEST(coverage.error == EAFNOSUPPORT);
}

BOOST_AUTO_TEST_CASE(cut_anywhere_it_ends) {
  const Wire whole =
      route({}, Wire().attribute(kDst, ipv4(192, 0, 2, 0)).attribute(kMultipath, hop(2, ipv4(10, 0, 0, 1))));
  for (std::size_t length = 1; length < whole.size(); ++length) {
    const auto routes = routes_of(Wire().append(whole.bytes().first(length)));
    BOOST_TEST(routes.size() <= 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_prefix_is_no_longer_than_an_address) {
  Coverage coverage;
  BOOST_TEST(routes_of(route({.length = 33}, {}), &coverage).empty());
  BOOST_TEST(coverage.malformed == 1u);
  const auto read6 = [](std::uint8_t length, Coverage& result) {
    Script script;
    script.datagram(Wire().append(link(2, "eth0"))).datagram(done());
    script.datagram(route({.family = 10, .length = length}, {})).datagram(done());
    std::vector<Route> routes;
    result = rtnl::read_ipv6_routes(wire::open_script(script), routes);
  };
  read6(128, coverage);
  BOOST_TEST(coverage.malformed == 0u);
  read6(129, coverage);
  BOOST_TEST(coverage.malformed == 1u);
}

BOOST_AUTO_TEST_CASE(errors_and_interruptions) {
  Coverage coverage;
  BOOST_TEST(routes_of(done(EPERM), &coverage).empty());
  BOOST_TEST(coverage.error == EPERM);
  BOOST_TEST((coverage.operation == Operation::rtnl_dump));
  BOOST_TEST(coverage.object == "RTM_GETROUTE");

  // Messages of other sequences and other senders are ignored.
  const Wire foreign = wire::message(Wire().zeros("rtmsg", 12), {.type = kNewRoute, .sequence = 9});
  BOOST_TEST(routes_of(foreign, &coverage).empty());
  BOOST_TEST(coverage.malformed == 0u);

  Script refusing;
  refusing.send_error = ENOBUFS;
  std::vector<Route> routes;
  BOOST_TEST(rtnl::read_routes(wire::open_script(refusing), routes).error == ENOBUFS);
}

/// Route messages for one destination and the end of the dump, in reply to the request `sequence`.
Wire attempt(std::uint32_t sequence, std::uint16_t flags, std::uint8_t last_byte) {
  const Wire payload = Wire()
                           .u8("rtm_family", 2).u8("rtm_dst_len", 24).zeros("src_len, tos", 2).u8("rtm_table", 254)
                           .zeros("protocol, scope", 2).u8("rtm_type", 1).u32("rtm_flags", 0)
                           .attribute(kDst, ipv4(10, 0, last_byte, 0));
  return Wire()
      .append(wire::message(payload, {.type = kNewRoute, .flags = flags, .sequence = sequence}))
      .append(wire::message(Wire().u32("error", 0), {.type = wire::kDone, .flags = flags, .sequence = sequence}));
}

constexpr std::uint16_t kMulti = 0x2, kInterrupted = 0x12;  // NLM_F_MULTI, NLM_F_MULTI | NLM_F_DUMP_INTR

BOOST_AUTO_TEST_CASE(an_interrupted_dump_is_asked_for_again) {
  Script script;
  script.datagram(Wire().append(link(2, "eth0"))).datagram(done());
  script.datagram(attempt(1, kInterrupted, 1)).datagram(attempt(2, kInterrupted, 2)).datagram(attempt(3, kMulti, 3));
  std::vector<Route> routes;
  const Coverage coverage = rtnl::read_routes(wire::open_script(script), routes);
  BOOST_TEST(coverage.error == 0);
  BOOST_TEST(!coverage.interrupted);
  BOOST_TEST(coverage.rows == 1u);
  BOOST_REQUIRE(routes.size() == 1u);  // the results of the first two attempts are discarded
  BOOST_TEST((routes[0].destination == Address{10, 0, 3}));
  BOOST_TEST(script.requests.size() == 4u);  // the links, and the routes three times
}

BOOST_AUTO_TEST_CASE(but_not_for_ever) {
  Script script;
  script.datagram(Wire().append(link(2, "eth0"))).datagram(done());
  for (std::uint32_t n = 1; n <= 9; ++n) script.datagram(attempt(n, kInterrupted, static_cast<std::uint8_t>(n)));
  std::vector<Route> routes;
  const Coverage coverage = rtnl::read_routes(wire::open_script(script), routes);
  BOOST_TEST(coverage.error == 0);
  BOOST_TEST(coverage.interrupted);
  BOOST_TEST(script.requests.size() == 1u + rtnl::kDumpAttempts);
  BOOST_REQUIRE(routes.size() == 1u);  // the last attempt counts
  BOOST_TEST((routes[0].destination == Address{10, 0, static_cast<std::uint8_t>(rtnl::kDumpAttempts)}));
}

BOOST_AUTO_TEST_CASE(an_interruption_of_the_links_is_told_as_well) {
  Script script;
  for (std::uint32_t n = 1; n <= rtnl::kDumpAttempts; ++n)
    script.datagram(wire::message(Wire().u32("error", 0), {.type = wire::kDone, .flags = kInterrupted, .sequence = n}));
  script.datagram(attempt(1, kMulti, 1));
  std::vector<Route> routes;
  BOOST_TEST(rtnl::read_routes(wire::open_script(script), routes).interrupted);
  BOOST_TEST(routes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(ipv6_routes_start_anew_with_the_ends_of_their_tables) {
  const auto row = [](std::uint32_t sequence, std::uint16_t flags) {
    return wire::message(
        Wire().u8("", 10).u8("", 0).zeros("", 2).u8("rtm_table", 254).zeros("", 2).u8("", 1).u32("", 0),
        {.type = kNewRoute, .flags = flags, .sequence = sequence});
  };
  const auto end = [](std::uint32_t sequence) {
    return wire::message(Wire().u32("error", 0), {.type = wire::kDone, .sequence = sequence});
  };
  Script once, twice;
  once.datagram(done()).datagram(Wire().append(row(1, kMulti)).append(end(1)));
  twice.datagram(done()).datagram(Wire().append(row(1, kInterrupted)).append(end(1)));
  twice.datagram(Wire().append(row(2, kMulti)).append(end(2)));
  std::vector<Route> expected, routes;
  rtnl::read_ipv6_routes(wire::open_script(once), expected);
  BOOST_TEST(!rtnl::read_ipv6_routes(wire::open_script(twice), routes).interrupted);
  BOOST_REQUIRE(expected.size() > 1u);
  BOOST_TEST(routes.size() == expected.size());
  for (std::size_t i = 0; i < routes.size(); ++i) BOOST_TEST(routes[i].metric == expected[i].metric);
}

BOOST_AUTO_TEST_CASE(interfaces_keep_what_earlier_dumps_gave) {
  const auto address = [](std::uint32_t sequence, std::uint16_t flags) {
    const Wire payload = Wire().u8("ifa_family", 2).u8("prefix", 24).zeros("flags, scope", 2).u32("index", 2)
                             .attribute(2, ipv4(10, 0, 0, 1));
    return Wire()
        .append(wire::message(payload, {.type = 20, .flags = flags, .sequence = sequence}))
        .append(wire::message(Wire().u32("error", 0), {.type = wire::kDone, .sequence = sequence}));
  };
  Script script;
  script.datagram(Wire().append(link(2, "eth0"))).datagram(done());
  script.datagram(address(1, kInterrupted)).datagram(address(2, kMulti)).datagram(done());
  std::vector<Interface> interfaces;
  const Coverage coverage = rtnl::read_interfaces(wire::open_script(script), interfaces);
  BOOST_TEST(coverage.error == 0);
  BOOST_TEST(!coverage.interrupted);
  BOOST_REQUIRE(interfaces.size() == 1u);
  BOOST_REQUIRE(interfaces[0].inet.has_value());
  BOOST_TEST((interfaces[0].inet->address == Address{10, 0, 0, 1}));
}

BOOST_AUTO_TEST_CASE(alternative_names) {
  const auto named = [](std::string_view name) {
    return Wire().attribute(53, Wire().text("IFLA_ALT_IFNAME", name).u8("NUL", 0));
  };
  const Wire list = Wire().append(named("short")).append(named("a_name_of_more_than_15_bytes"));
  const Wire with_list = of_type(kNewLink, Wire()
                                               .u8("ifi_family", 0)
                                               .u8("pad", 0)
                                               .u16("ifi_type", 1)
                                               .u32("ifi_index", 7)
                                               .zeros("ifi_flags, ifi_change", 8)
                                               .attribute(52, list));
  const auto index_of = [&](std::string_view name) {
    Script script;
    script.datagram(Wire().append(link(2, "eth0")).append(with_list)).datagram(done());
    return rtnl::link_by_alternative_name(wire::open_script(script), name);
  };
  BOOST_TEST(index_of("a_name_of_more_than_15_bytes") == 7u);
  BOOST_TEST(index_of("short") == 7u);
  BOOST_TEST(index_of("a_name_of_more_than_15_byte") == 0u);
  BOOST_TEST(index_of("eth0") == 0u);
}

BOOST_AUTO_TEST_CASE(link_names) {
  Script script;
  script.datagram(Wire().append(link(1, "lo")).append(link(70000, "averylongbrname"))).datagram(done());
  rtnl::LinkNames names;
  BOOST_TEST(rtnl::read_link_names(wire::open_script(script), names).error == 0);
  BOOST_TEST(names.size() == 2u);
  BOOST_TEST(names[1] == "lo");
  BOOST_TEST(names[70000] == "averylongbrname");
}

BOOST_AUTO_TEST_SUITE_END()
