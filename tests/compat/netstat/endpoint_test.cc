// The address columns: what is cut, and what has a name.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/endpoint.h"

#include <arpa/inet.h>

#include <boost/test/unit_test.hpp>

#include "tests/collect/fake_world.h"

namespace duostat::netstat {
namespace {

struct Formatter {
  FakeResolver names;
  EndpointText::Rules rules{.numeric_hosts = true, .numeric_ports = true, .wide = false};

  std::string operator()(const char* address, std::uint32_t port, Protocol protocol = Protocol::tcp, int width = 0) {
    const bool six = std::string_view(address).find(':') != std::string_view::npos;
    Endpoint endpoint;
    BOOST_TEST_REQUIRE(inet_pton(six ? AF_INET6 : AF_INET, address, endpoint.address.data()) == 1);
    endpoint.port = port;
    char text[EndpointText::kRoom];
    EndpointText format(rules, names);
    return std::string(text, format.format(text, six ? Family::inet6 : Family::inet, protocol, endpoint, width));
  }
  void name(const char* address, std::string name) {
    Address bytes{};
    const bool six = std::string_view(address).find(':') != std::string_view::npos;
    inet_pton(six ? AF_INET6 : AF_INET, address, bytes.data());
    names.hosts[bytes] = std::move(name);
  }
};

BOOST_AUTO_TEST_SUITE(netstat_endpoint)

BOOST_AUTO_TEST_CASE(long_numeric_addresses_lose_their_tail) {
  Formatter f;
  BOOST_TEST(f("2001:db8:1234:5678:9abc:def0:1234:5678", 65535) == "2001:db8:1234:567:65535");
  BOOST_TEST(f("fe80::1ff:fe23:4567:890a", 443) == "fe80::1ff:fe23:4567:443");
  BOOST_TEST(f("2001:db8::1:0:0:1", 5432) == "2001:db8::1:0:0:1:5432");
  BOOST_TEST(f("255.255.255.255", 65535) == "255.255.255.255:65535");
}

BOOST_AUTO_TEST_CASE(names_share_the_room_with_the_port_first) {
  Formatter f;
  f.rules = {};
  f.name("10.0.0.1", "a-very-long-host-name-for-testing.example.com");
  f.names.services = {{22, "ssh"}, {88, "kerberos-master"}, {99, "longservicenamethatexceedstwentytwo"}};
  BOOST_TEST(f("10.0.0.1", 22) == "a-very-long-host-na:ssh");
  BOOST_TEST(f("10.0.0.4", 88) == "10.0.0.:kerberos-master");
  BOOST_TEST(f("::", 99) == "[::]:longservicenametha");
}

BOOST_AUTO_TEST_CASE(wide_cuts_nothing_but_what_no_buffer_holds) {
  Formatter f;
  f.rules.wide = true;
  BOOST_TEST(f("2001:db8:1234:5678:9abc:def0:1234:5678", 65535) == "2001:db8:1234:5678:9abc:def0:1234:5678:65535");
  f.rules.numeric_hosts = false;
  f.name("10.0.0.1", std::string(200, 'h'));
  BOOST_TEST(f("10.0.0.1", 65535) == std::string(127, 'h'));
}

BOOST_AUTO_TEST_CASE(wildcards) {
  Formatter f;
  BOOST_TEST(f("0.0.0.0", 0) == "0.0.0.0:*");
  BOOST_TEST(f("::", 8443) == ":::8443");
  f.rules.numeric_hosts = false;
  BOOST_TEST(f("0.0.0.0", 0) == "0.0.0.0:*");
  BOOST_TEST(f("::", 0) == "[::]:*");
  BOOST_TEST(f.names.host_lookups == 0);
}

BOOST_AUTO_TEST_CASE(mapped_addresses_are_shown_as_ipv4) {
  Formatter f;
  BOOST_TEST(f("::ffff:127.0.0.1", 80) == "127.0.0.1:80");
  BOOST_TEST(f("::127.0.0.1", 80) == "::127.0.0.1:80");
}

BOOST_AUTO_TEST_CASE(networks_begin_with_zero) {
  Formatter f;
  f.rules.numeric_hosts = false;
  BOOST_TEST(f("0.1.2.3", 80) == "a-network:80");
}

BOOST_AUTO_TEST_CASE(ports_are_named_by_protocol) {
  Formatter f;
  f.rules.numeric_ports = false;
  f.names.services = {{1, "one"}};
  f.names.protocols = {{1, "icmp"}};
  BOOST_TEST(f("1.2.3.4", 1, Protocol::tcp) == "1.2.3.4:one");
  BOOST_TEST(f("1.2.3.4", 1, Protocol::udplite) == "1.2.3.4:one");
  BOOST_TEST(f("1.2.3.4", 1, Protocol::raw) == "1.2.3.4:icmp");
  BOOST_TEST(f("1.2.3.4", 1, Protocol::sctp) == "1.2.3.4:1");
  BOOST_TEST(f("1.2.3.4", 2, Protocol::tcp) == "1.2.3.4:2");
}

BOOST_AUTO_TEST_CASE(columns_are_padded_and_grow) {
  Formatter f;
  BOOST_TEST(f("1.2.3.4", 5, Protocol::tcp, 23) == "1.2.3.4:5              ");
  f.rules.wide = true;
  BOOST_TEST(f("2001:db8:1234:5678:9abc:def0:1234:5678", 1, Protocol::tcp, 23).size() == 40);
}

BOOST_AUTO_TEST_CASE(names_from_elsewhere_are_made_harmless) {
  Formatter f;
  f.rules = {};
  f.name("10.0.0.1", "evil\x1b[31m\nhost");
  f.names.services = {{7, "ec\tho"}};
  BOOST_TEST(f("10.0.0.1", 7) == "evil.[31m.host:ec.ho");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat
