// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/parser.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/query/map_lookup.h"

using namespace duostat;
using Kind = FilterErrorKind;

BOOST_AUTO_TEST_SUITE(parser)

namespace {

Parsed parse(std::vector<std::string> words, Family preferred = Family::unspecified) {
  static MapLookup names;
  return parse_filter(words, ParserContext{names, true, true, preferred});
}

std::string text_of(const Parsed& parsed) { return parsed.ok() ? parsed.expr ? dump(*parsed.expr) : "" : "error"; }

struct Good {
  const char* text;
  const char* dump;
};

void check(std::span<const Good> rows, Family preferred = Family::unspecified) {
  for (const Good& row : rows)
    BOOST_TEST_CONTEXT(row.text) { BOOST_TEST(text_of(parse({row.text}, preferred)) == row.dump); }
}

}  // namespace

BOOST_AUTO_TEST_CASE(grammar) {
  constexpr Good rows[] = {
      {"", ""},
      {" \t ", ""},
      {"sport = 1", "sport{= 1}"},
      {"sport 1", "sport{= 1}"},
      {"dport != 1", "not{dport{= 1}}"},
      {"sport ne 1", "not{sport{= 1}}"},
      {"sport neq 1", "not{sport{= 1}}"},
      {"sport > 1", "not{sport{<= 1}}"},
      {"sport gt 1", "not{sport{<= 1}}"},
      {"sport < 1", "not{sport{>= 1}}"},
      {"sport lt 1", "not{sport{>= 1}}"},
      {"sport >= 1", "sport{>= 1}"},
      {"sport ge 1", "sport{>= 1}"},
      {"sport geq 1", "sport{>= 1}"},
      {"sport <= 1", "sport{<= 1}"},
      {"sport le 1", "sport{<= 1}"},
      {"sport leq 1", "sport{<= 1}"},
      {"src == 1", "src{inet 1.0.0.0/32}"},
      {"dst eq 1", "dst{inet 1.0.0.0/32}"},
      // All joining operators have the same precedence and associate to the left.
      {"sport 1 or sport 2 and sport 3", "and{or{sport{= 1}sport{= 2}}sport{= 3}}"},
      {"sport 1 && sport 2 || sport 3", "or{and{sport{= 1}sport{= 2}}sport{= 3}}"},
      {"sport 1 | sport 2 sport 3", "and{or{sport{= 1}sport{= 2}}sport{= 3}}"},
      {"sport 1 or ( sport 2 & sport 3 )", "or{sport{= 1}and{sport{= 2}sport{= 3}}}"},
      {"( ( sport 1 ) )", "sport{= 1}"},
      {"! sport 1 sport 2", "and{not{sport{= 1}}sport{= 2}}"},
      {"! ! sport 1", "not{not{sport{= 1}}}"},
      {"not ( sport 1 or sport 2 )", "not{or{sport{= 1}sport{= 2}}}"},
      {"sport 1 not ( not sport 2 ) or sport 3", "or{and{sport{= 1}not{not{sport{= 2}}}}sport{= 3}}"},
      {"not sport != 1", "not{not{sport{= 1}}}"},
      {"autobound autobound", "and{autoboundautobound}"},
      {"dev lo or dev != eth0 or dev 0 or dev 0x10", "or{or{or{dev{1}not{dev{2}}}dev{0}}dev{16}}"},
      {"fwmark = 020", "fwmark{0x10/0xffffffff}"},
      {"fwmark != 0x10/0xf0", "not{fwmark{0x10/0xf0}}"},
      {"fwmark 0abc", "fwmark{0x0/0xffffffff}"},
      {"fwmark -1/2x", "fwmark{0xffffffff/0x2}"},
      {"cgroup /a", "cgroup{7}"},
  };
  check(rows);
}

BOOST_AUTO_TEST_CASE(words_and_backslashes) {
  BOOST_TEST(text_of(parse({"sport", "=", "1"})) == "sport{= 1}");
  BOOST_TEST(text_of(parse({"", "sport =", "", " 1\tor ", "sport 2"})) == "or{sport{= 1}sport{= 2}}");
  BOOST_TEST(text_of(parse({"\\sp\\ort", "1"})) == "sport{= 1}");
  BOOST_TEST(text_of(parse({"src unix:*sp\\ ace*"})) == "src{unix *sp ace*}");
  BOOST_TEST(text_of(parse({"src unix:a\\\\b"})) == "src{unix a\\b}");
  BOOST_TEST(text_of(parse({"src \\"})) == "src{any}");
}

BOOST_AUTO_TEST_CASE(inet_hosts) {
  constexpr Good rows[] = {
      {"src 10.0.0.1", "src{inet 10.0.0.1/32}"},
      {"src 10.1", "src{inet 10.1.0.0/32}"},
      {"src 0x0a.010", "src{inet 10.8.0.0/32}"},
      {"src 10/8", "src{inet 10.0.0.0/8}"},
      {"src 10/0x8", "src{inet 10.0.0.0/8}"},
      {"src 10.0.0.0/255.128.0.0:22", "src{inet 10.0.0.0/9 port 22}"},
      {"src 1.2.3.4/0.0.0.0", "src{inet 1.2.3.4/0}"},
      {"src 10.0.0.1:ssh", "src{inet 10.0.0.1/32 port 22}"},
      {"src 10.0.0.1:", "src{inet 10.0.0.1/32}"},
      {"src 10.0.0.1:*", "src{inet 10.0.0.1/32}"},
      {"src 10.0.0.1:*x", "src{inet 10.0.0.1/32}"},
      {"src :80", "sport{= 80}"},
      {"src *", "src{any}"},
      {"src *80", "sport{= 80}"},
      {"src *:80", "sport{= 80}"},
      {"src any", "src{any}"},
      {"src default:80", "sport{= 80}"},
      {"src ::1/128", "src{inet6 ::1/128}"},
      {"src 2001:db8::/32", "src{inet6 2001:db8::/32}"},
      {"src 1::/16:22", "src{inet6 1::/16 port 22}"},
      {"src ::/255.0.0.0", "src{inet6 ::/8}"},
      {"src [::1]", "src{inet6 ::1/128}"},
      {"src [::1]22", "src{inet6 ::1/128 port 22}"},
      {"src [2001:db8::/32]:22", "src{inet6 2001:db8::/32 port 22}"},
      {"src [10.0.0.1]:80", "src{inet 10.0.0.1/32 port 80}"},
      {"src []", "src{any}"},
      {"src [*x]:1", "sport{= 1}"},
      {"src one:22", "src{inet 192.0.2.1/32 port 22}"},
      {"src two", "src{inet 192.0.2.1/32, inet 192.0.2.2/32, inet6 2001:db8::/128}"},
      {"sport = :22", "sport{= 22}"},
      {"sport = *", "src{any}"},
      {"sport = *80", "src{any}"},
      {"sport = :", "src{any}"},
      {"sport = [22]:80", "sport{= 22}"},
      {"sport = https", "sport{= 443}"},
      {"sport = tftp", "sport{= 69}"},
      {"sport = 70000", "sport{= 70000}"},
      {"sport = -5", "sport{= -5}"},
      {"sport = 026", "sport{= 22}"},
      {"sport >= *", "sport{>= -1}"},
      {"sport >= 9999999999", "sport{>= 9999999999}"},
  };
  check(rows);
}

BOOST_AUTO_TEST_CASE(hosts_of_a_preferred_family) {
  constexpr Good four[] = {
      {"src 1.2.3.4", "src{inet 1.2.3.4/32}"}, {"src default", "src{inet 0.0.0.0/0}"}, {"src *", "src{any}"},
      {"src ::1/128", "error"},                {"src [::1]", "error"},                 {"sport 22", "sport{= 22}"},
      {"src two", "src{inet 192.0.2.1/32, inet 192.0.2.2/32}"},
      // A prefix selects the family, also for the words after it.
      {"src inet6:[::1] dst [::2]", "and{src{inet6 ::1/128}dst{inet6 ::2/128}}"},
  };
  check(four, Family::inet);
  constexpr Good six[] = {{"src 1.2.3.4", "error"},
                          {"src one", "error"},
                          {"src all", "src{inet6 ::/0}"},
                          {"src [::ffff:1.2.3.4/120]", "src{inet6 ::ffff:1.2.3.4/120}"}};
  check(six, Family::inet6);
  // A family without addresses of its own takes those of IPv4, but no prefix length.
  constexpr Good tipc[] = {{"src 1.2.3.4", "src{inet 1.2.3.4/32}"},
                           {"src 1.2.3.4:22", "src{inet 1.2.3.4/32 port 22}"},
                           {"src 1.2.3.4/32", "error"},
                           {"src ::1/128", "error"},
                           {"src one", "error"}};
  check(tipc, Family::tipc);
  constexpr Good link[] = {
      {"src ip", "src{link 2048}"},          {"src IP:lo", "src{link 2048 port 1}"}, {"src :lo", "src{link port 1}"},
      {"src ipv4:*", "src{link 2048}"},      {"src *", "src{link}"},                 {"src 0x800:-1", "src{link 2048}"},
      {"src 65536", "error"},                {"src lo", "error"},                    {"src ip:nosuch", "error"},
      {"sport = lo", "src{link port 1}"},    {"sport = :9", "src{link port 9}"},     {"sport = ip:lo", "error"},
      {"sport > eth0", "not{sport{<= 2}}"},
  };
  check(link, Family::packet);
  constexpr Good netlink[] = {
      {"src rtnl", "src{netlink 0}"},   {"src RTNL", "error"},        {"src uevent:kernel", "src{netlink 15 port 0}"},
      {"src 255:-5", "src{netlink 255 port -5}"}, {"src 256", "error"}, {"src :KERNEL", "error"},
      {"sport = kernel", "src{netlink port 0}"}, {"sport = rtnl", "error"}, {"src *:*", "src{netlink}"},
      {"sport = *:", "error"},
  };
  check(netlink, Family::netlink);
  constexpr Good vsock[] = {
      {"src 1", "src{vsock 1}"},
      {"src 1:2", "src{vsock 1 port 2}"},
      {"src 1:", "error"},
      {"src :", "error"},
      {"src 0x10:*", "src{vsock 16}"},
      {"src 4294967296", "error"},
      {"src -1", "error"},
      {"sport = :", "error"},
      {"sport = :7", "src{vsock port 7}"},
      {"sport = 1:2", "error"},
      {"src 1:1:1", "error"},
  };
  check(vsock, Family::vsock);
  constexpr Good unix_names[] = {
      {"src /run/*", "src{unix /run/*}"}, {"sport = 1", "src{unix 1}"}, {"dst inet:*", "dst{any}"}};
  check(unix_names, Family::unix_domain);
}

BOOST_AUTO_TEST_CASE(a_definite_family_restricts) {
  const auto restricted = [](const char* text, Family preferred = Family::unspecified) {
    return parse({text}, preferred).restricted;
  };
  BOOST_CHECK(!restricted("src 10.0.0.1 sport 22"));
  BOOST_CHECK(!restricted("dev lo fwmark 1 autobound", Family::inet));
  BOOST_CHECK(restricted("sport 22", Family::inet) == Family::inet);
  BOOST_CHECK(restricted("src inet6:*") == Family::inet6);
  BOOST_CHECK(restricted("src unix:* or src inet:*") == Family::inet);
  BOOST_CHECK(restricted("src link: or sport = lo") == Family::packet);
  BOOST_CHECK(parse({"src netlink:* dst *"}).preferred == Family::netlink);
  BOOST_CHECK(parse({"autobound"}, Family::vsock).preferred == Family::vsock);
}

struct Bad {
  const char* text;
  Kind kind;
  std::size_t offset;
  std::size_t length;
  const char* value;
  std::uint16_t expected = 0;
};

BOOST_AUTO_TEST_CASE(errors_in_one_word) {
  constexpr Bad rows[] = {
      {"22", Kind::syntax, 0, 2, "", expect_predicate},
      {"dport", Kind::syntax, 0, 0, "", expect_relation | expect_port},
      {"dport = =", Kind::syntax, 8, 1, "", expect_port},
      {"src != 1", Kind::syntax, 4, 2, "", expect_equal | expect_host},
      {"dev > lo", Kind::syntax, 4, 1, "", expect_equality | expect_device},
      {"( )", Kind::syntax, 2, 1, "", expect_predicate},
      {"( sport = 22", Kind::syntax, 0, 0, "", expect_connective | expect_close},
      {"sport = 22 )", Kind::syntax, 11, 1, "", expect_connective | expect_end},
      {"sport = 22 and", Kind::syntax, 0, 0, "", expect_predicate},
      {"and sport = 22", Kind::syntax, 0, 3, "", expect_predicate},
      {"sport = 22 or 443", Kind::syntax, 14, 3, "", expect_predicate},
      {"sport = 22 443", Kind::syntax, 11, 3, "", expect_connective | expect_end},
      {"autobound = 5", Kind::syntax, 10, 1, "", expect_connective | expect_end},
      {"not", Kind::syntax, 0, 0, "", expect_predicate},
      {"fwmark", Kind::syntax, 0, 0, "", expect_equality | expect_mark},
      {"cgroup =", Kind::syntax, 0, 0, "", expect_cgroup},
      {"sport = foo", Kind::port, 8, 3, "foo"},
      {"sport = 22x", Kind::port, 8, 3, "22x"},
      {"sport = 99999999999999999999", Kind::port, 8, 20, "99999999999999999999"},
      {"src 10.0.0.1:nosuch", Kind::port, 13, 6, "nosuch"},
      {"src inet:10.0.0.1:x", Kind::port, 18, 1, "x"},
      {"src [2001:db8::]/32", Kind::port, 16, 3, "/32"},
      {"sport = 127.0.0.1:22", Kind::port, 8, 12, "127.0.0.1:22"},
      {"sport = rlogin", Kind::ambiguous_port, 8, 6, "rlogin"},
      {"src ::1", Kind::address, 4, 1, ":"},
      {"src 10.0.0.0/255.0.255.0", Kind::address, 4, 20, "10.0.0.0/255.0.255.0"},
      {"src 10.0.0.1/33", Kind::address, 4, 11, "10.0.0.1/33"},
      {"src [fe80::1%lo]", Kind::address, 5, 10, "fe80::1%lo"},
      {"sport=22", Kind::address, 0, 8, "sport=22"},
      {"src 10.", Kind::address, 4, 3, "10."},
      {"src 256.1", Kind::address, 4, 5, "256.1"},
      {"src 1.2.3.4.5", Kind::address, 4, 9, "1.2.3.4.5"},
      {"src any/0", Kind::address, 4, 5, "any/0"},
      {"src no\\ such", Kind::address, 4, 8, "no such"},
      {"src [::1", Kind::host, 4, 4, "[::1"},
      {"src link:lo", Kind::host, 9, 2, "lo"},
      {"src vsock:1:x", Kind::host, 12, 1, "x"},
      {"dev nosuch", Kind::device, 4, 6, "nosuch"},
      {"dev -1", Kind::device, 4, 2, "-1"},
      {"dev 4294967296", Kind::device, 4, 10, "4294967296"},
      {"fwmark = x", Kind::mark, 9, 1, "x"},
      {"fwmark 1/", Kind::mark, 7, 2, "1/"},
      {"cgroup /b", Kind::cgroup, 7, 2, "/b"},
      // A bad value is reported before a grammar error at its place, and a bad word before later values.
      {"sport = 22 or zzz", Kind::port, 14, 3, "zzz"},
      {"dev lo lo2", Kind::device, 7, 3, "lo2"},
      {"( ) zzz", Kind::syntax, 2, 1, "", expect_predicate},
      {"22 zzz", Kind::syntax, 0, 2, "", expect_predicate},
      {"state established", Kind::address, 0, 5, "state"},
  };
  for (const Bad& row : rows) {
    BOOST_TEST_CONTEXT(row.text) {
      const Parsed parsed = parse({row.text});
      BOOST_TEST(!parsed.expr.has_value());
      BOOST_TEST(static_cast<int>(parsed.error.kind) == static_cast<int>(row.kind));
      const bool at_end = parsed.error.word == 1;
      BOOST_TEST(at_end == (row.kind == Kind::syntax && row.length == 0));
      BOOST_TEST(parsed.error.offset == row.offset);
      BOOST_TEST(parsed.error.length == row.length);
      BOOST_TEST(parsed.error.value == row.value);
      BOOST_TEST(parsed.error.expected == row.expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(errors_among_words) {
  const Parsed parsed = parse({"sport", "= 22", "", "or 443"});
  BOOST_TEST(parsed.error.word == 3);
  BOOST_TEST(parsed.error.offset == 3);
  BOOST_TEST(parse({"cgroup", "/b"}).error.reason == "Failed to get cgroup2 ID: No such file or directory");
  BOOST_TEST(parse({"sport", "="}).error.word == 2);
}

BOOST_AUTO_TEST_CASE(port_names_are_those_of_the_tables) {
  MapLookup names;
  const auto parse_with = [&](const char* text, bool tcp, bool udp) {
    return text_of(parse_filter(std::vector<std::string>{text}, ParserContext{names, tcp, udp}));
  };
  BOOST_TEST(parse_with("sport = ssh", true, false) == "sport{= 22}");
  BOOST_TEST(parse_with("sport = ssh", false, true) == "error");
  BOOST_TEST(parse_with("sport = https", false, false) == "error");
  BOOST_TEST(parse_with("sport = tftp", true, true) == "sport{= 69}");
  BOOST_TEST(parse_with("sport = rlogin", true, true) == "error");
  BOOST_TEST(parse_with("sport = rlogin", false, true) == "sport{= 514}");
}

BOOST_AUTO_TEST_CASE(names_are_asked_for_in_order_up_to_the_first_error) {
  MapLookup names;
  const std::vector<std::string> words{"src one", "dst !=", "x"};
  const Parsed parsed = parse_filter(words, ParserContext{names});
  BOOST_TEST(parsed.error.word == 1);
  BOOST_CHECK((names.asked == std::vector<std::string>{"one", "one"}));
}

BOOST_AUTO_TEST_CASE(nests_as_deep_as_its_author_likes) {
  constexpr std::size_t kDepth = 200000;
  std::string text;
  for (std::size_t i = 0; i < kDepth; ++i) text += i % 2 == 0 ? "( " : "! ";
  text += "autobound";
  for (std::size_t i = 0; i < kDepth / 2; ++i) text += " )";
  const Parsed parsed = parse({text});
  BOOST_REQUIRE(parsed.ok());
  BOOST_TEST(parsed.expr->nodes().size() == kDepth / 2 + 1);
}

BOOST_AUTO_TEST_SUITE_END()
