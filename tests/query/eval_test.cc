// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/eval.h"

#include <array>
#include <bit>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "src/query/parser.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

BOOST_AUTO_TEST_SUITE(eval)

namespace {

bool holds(const char* text, const Socket& socket, EvalContext context = {}) {
  MapLookup names;
  const Parsed parsed = parse_filter(std::vector<std::string>{text}, ParserContext{names});
  BOOST_REQUIRE_MESSAGE(parsed.ok() && parsed.expr, text);
  return matches(*parsed.expr, socket, context);
}

struct Row {
  const char* text;
  bool holds;
};
void check(std::span<const Row> rows, const Socket& socket) {
  for (const Row& row : rows)
    BOOST_TEST_CONTEXT(row.text) { BOOST_TEST(holds(row.text, socket) == row.holds); }
}

Socket tcp(Family family, Address local, std::uint32_t port, Address remote = {}, std::uint32_t remote_port = 0) {
  Socket s;
  s.protocol = Protocol::tcp;
  s.family = family;
  s.local = {local, port};
  s.remote = {remote, remote_port};
  return s;
}

constexpr std::array<std::uint8_t, 4> kTen{10, 0, 0, 1};

/// The IPv4 address whose bytes are those of the number.
std::string dotted(std::uint32_t word) {
  std::string text;
  for (const unsigned byte : std::bit_cast<std::array<std::uint8_t, 4>>(word))
    text += (text.empty() ? "" : ".") + std::to_string(byte);
  return text;
}

constexpr Address kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};

}  // namespace

BOOST_AUTO_TEST_CASE(inet) {
  const Socket s = tcp(Family::inet, {10, 0, 0, 1}, 22, {192, 0, 2, 2}, 40000);
  const std::string vsock = "src vsock:" + std::to_string(std::bit_cast<std::uint32_t>(kTen));
  const Row rows[] = {
      {"src 10.0.0.1", true},       {"src 10.0.0.2", false},        {"src 10/8", true},
      {"src 10.0.0.1:22", true},    {"src 10.0.0.1:23", false},     {"src 11/8:22", false},
      {"src 10.0.0.0/31", true},    {"src 10.0.0.2/31", false},     {"src 0/0", true},
      {"src ::/0", true},           {"src *", true},                {"dst two", true},
      {"dst one", false},           {"not dst two", false},         {"sport 22", true},
      {"sport = 22 dport 22", false}, {"sport != 22", false},       {"sport >= 22", true},
      {"sport > 22", false},        {"sport <= 22", true},          {"sport < 22", false},
      {"dport > -1", true},         {"dport < 70000", true},        {"sport = 65558", false},
      {"sport 1 or sport 22", true}, {"sport 1 or sport 22 and dport 1", false},
      // Words of an address are compared, whatever the families.
      {"src [a00:1::]", true},      {vsock.c_str(), true},          {"src netlink:10", false},
      {"src unix:*", false},        {"not src unix:*", true},       {"autobound", false},
      {"dev 0", true},              {"dev lo", false},              {"fwmark 0", true},
      {"fwmark 1", false},          {"fwmark 0/1", true},           {"cgroup /a", false},
  };
  check(rows, s);
  BOOST_TEST(!holds("src [a00:1::1]", s));
}

BOOST_AUTO_TEST_CASE(inet6) {
  const Socket mapped = tcp(Family::inet6, kMapped, 40000);
  constexpr Row rows[] = {
      {"src 10.0.0.1", true},   {"src 10/8", true},      {"src 11/8", false},          {"src [::ffff:10.0.0.1]", true},
      {"src [::]", false},      {"src ::/80", true},     {"src ::ffff:11.0.0.0/104", false}, {"autobound", true},
      {"src 0.0.0.0", true},  // its first word is zero, like that address
  };
  check(rows, mapped);
  const Socket v6 = tcp(Family::inet6, {0x20, 1, 0xd, 0xb8}, 61000);
  BOOST_TEST(holds("src [2001:db8::/32]", v6));
  BOOST_TEST(!holds("src [2001:db8::1]", v6));
  BOOST_TEST(!holds("autobound", v6));
}

BOOST_AUTO_TEST_CASE(attributes_that_were_told) {
  Socket s = tcp(Family::inet, {10, 0, 0, 1}, 22);
  s.ifindex = 1;
  s.mark = 0x1f;
  s.cgroup_id = 7;
  BOOST_TEST(!holds("fwmark 0x1f", s));
  BOOST_TEST(!holds("cgroup /a", s));
  s.present = {Field::mark, Field::cgroup};
  constexpr Row rows[] = {{"fwmark 0x1f", true}, {"fwmark 0x10/0xf0", true}, {"fwmark 0x1f/0xf", false},
                          {"fwmark != 0x1f", false}, {"cgroup /a", true}, {"cgroup != /a", false},
                          {"dev lo", true}, {"dev != lo", false}, {"dev eth0", false}};
  check(rows, s);
}

BOOST_AUTO_TEST_CASE(unix_sockets) {
  UnixDetail detail;
  Socket s;
  s.protocol = Protocol::unix_stream;
  s.family = Family::unix_domain;
  s.inode = 3000000000;
  s.unix_domain = &detail;
  detail.peer_inode = 5;
  constexpr Row unnamed[] = {
      {"sport = 3000000000", true}, {"dport = 5", true}, {"src 0.0.0.0", true}, {"src 10/8", false}, {"src 0/0", true},
      {"src unix:", true}, {"src unix:*", true}, {"src unix:?", false}, {"dst unix:*", true}, {"dst unix:x", false},
      {"autobound", true}, {"sport > 2147483648", true},
  };
  check(unnamed, s);
  detail.name = std::string_view("/run/Dir/.sock\0gone", 19);
  constexpr Row path[] = {
      {"src unix:/run/*", true},    {"src unix:/RUN/dir/.S*", true},
      {"src unix:*gone", false},    {"src unix:/run/?sock", false},
      {"src unix:*[d-e]ir*", true}, {"src 0.0.0.0", false},
      {"dst 0.0.0.0", true},        {"src 0/0", true},
      {"dst unix:*", true},         {"autobound", false},
      {"src unix:", false},
  };
  check(path, s);
  detail.name = std::string_view("\0a\0b", 4);
  BOOST_TEST(holds("src unix:@a@b", s));
  BOOST_TEST(!holds("autobound", s));
  detail.name = std::string_view("\0" "0fa12", 6);
  BOOST_TEST(holds("autobound", s));
  detail.name = "@0fa12";
  detail.name_is_text = true;
  BOOST_TEST(holds("autobound", s));
  detail.name = "@0FA12";
  BOOST_TEST(!holds("autobound", s));
  // quirk: unix-text-ports
  BOOST_TEST(holds("sport = 3000000000", s));
  const EvalContext as_ss{.unix_text_has_ports = false};
  BOOST_TEST(!holds("sport = 3000000000", s, as_ss));
  BOOST_TEST(holds("sport = 0 and dport = 0", s, as_ss));
  BOOST_TEST(holds("src unix:@0fa*", s, as_ss));
  detail.name_is_text = false;
  BOOST_TEST(holds("sport = 3000000000", s, as_ss));
}

BOOST_AUTO_TEST_CASE(packet_sockets) {
  Socket s;
  s.family = Family::packet;
  s.protocol = Protocol::packet_raw;
  s.local.port = s.ifindex = 1;
  s.local.node = 0x0800;
  const std::string word = "src " + dotted(0x0800);
  const Row rows[] = {
      {"src link:ip", true},  {"src link:arp", false}, {"src link:ip:lo", true}, {"src link::eth0", false},
      {"sport = 1", true},    {"dport = 0", true},     {word.c_str(), true},      {"dst 0.0.0.0", true},
      {"dev lo", true},       {"autobound", false},    {"src netlink:255", false},
  };
  check(rows, s);
  BOOST_TEST(holds("autobound", [&] { s.local = {}; return s; }()));
}

BOOST_AUTO_TEST_CASE(netlink_sockets) {
  Socket s;
  s.family = Family::netlink;
  s.protocol = Protocol::netlink;
  s.local.port = static_cast<std::uint32_t>(-4200);
  s.remote.port = 9;
  constexpr Row rows[] = {
      {"src netlink:rtnl", true}, {"src netlink:uevent", false}, {"src netlink::-4200", true}, {"src 0.0.0.0", true},
      {"src netlink::4294967000", false}, {"sport < 9000000000", true},
      {"autobound", true},        {"dport < 0", true},           {"dst netlink:*", true},      {"sport < 0", true},
  };
  check(rows, s);
  s.local.port = 17;
  BOOST_TEST(!holds("autobound", s));
}

BOOST_AUTO_TEST_CASE(vsock_xdp_tipc) {
  Socket s;
  s.family = Family::vsock;
  s.local = {{}, 1024, 3};
  s.remote = {{}, 22, 2};
  constexpr Row vsock[] = {{"src vsock:3:1024", true}, {"dst vsock:2", true}, {"dst vsock::23", false},
                           {"sport > 1023", true},     {"autobound", true}};
  check(vsock, s);
  s.local.port = 1023;
  BOOST_TEST(!holds("autobound", s));
  s.family = Family::xdp;
  s.local = {{1}, 4};
  s.remote = {{1}, 4};
  constexpr Row xdp[] = {{"sport = 4", true}, {"dport = 0", true}, {"src 0.0.0.0", true}, {"dst 0.0.0.0", true}};
  check(xdp, s);
  s.family = Family::tipc;
  BOOST_TEST(holds("sport = 99 and src 1.2.3.4", s));
}

BOOST_AUTO_TEST_CASE(a_number_that_no_family_has_is_in_no_set) {
  // As a message of sock_diag may have it: not inet, although 66 mod 64 is its number.
  for (const unsigned number : {64u, 66u, 136u, 255u})
    BOOST_TEST(!FamilySet({Family::inet}).has(static_cast<Family>(number)), number);
}

BOOST_AUTO_TEST_CASE(ephemeral_range) {
  char path[] = "/tmp/duostat-range-XXXXXX";
  const int fd = mkstemp(path);
  BOOST_REQUIRE(fd >= 0);
  std::ofstream(path) << "1024\t2048\n";
  const ProcDir given("/nowhere", {{"sys/net/ipv4/ip_local_port_range", path}});
  BOOST_CHECK((ephemeral_ports(given) == PortRange{1024, 2048}));
  std::ofstream(path) << "none\n";
  BOOST_CHECK((ephemeral_ports(given) == PortRange{1024, 4999}));
  BOOST_CHECK((ephemeral_ports(ProcDir("/nowhere")) == PortRange{1024, 4999}));
  ::close(fd);
  ::unlink(path);
}

BOOST_AUTO_TEST_CASE(port_zero) {
  constexpr Row rows[] = {
      {"dport = :9", false},          {"dport = :0", true},           {"dport != :9", true},
      {"not dport = :9", true},       {"not dport != :9", false},     {"dport >= :1", false},
      {"dport > :0", false},          {"dport <= :9", true},          {"not dport <= :9", false},
      {"sport = :9", true},           {"dst 10/8", true},             {"dst 10.0.0.1:9", false},
      {"dport = :9 or dport = :10", false}, {"dport = :9 or sport = :10", true},
      {"dport = :9 and sport = :10", false}, {"sport = :9 and ( dport = :1 or dport = :2 )", false},
      {"sport = :9 or dport = :1 and dport = :2", false},  {"not ( dport = :9 or sport = :1 )", true},
      {"not ( dport <= :9 or sport = :1 )", false},
  };
  MapLookup names;
  for (const Row& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      const Parsed parsed = parse_filter(std::vector<std::string>{row.text}, ParserContext{names});
      BOOST_REQUIRE(parsed.ok() && parsed.expr);
      BOOST_TEST(may_match_port_zero(*parsed.expr, Side::remote) == row.holds);
      // A filter that cannot match must not match.
      if (!row.holds) BOOST_TEST(!holds(row.text, tcp(Family::inet, {10, 0, 0, 1}, 9)));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
