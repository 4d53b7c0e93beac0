// --where: what is true of a socket, and what is said of mistakes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/where.h"

#include <fmt/core.h>

#include <boost/test/unit_test.hpp>

#include "src/base/error.h"
#include "tests/insight/sample.h"

using namespace duostat;

namespace {

bool holds(std::string_view text) {
  test::Sample sample;
  return Where(text).matches(sample.context, sample.socket);
}

/// The lines of the complaint.
std::string complaint(std::string_view text) {
  try {
    Where where(text);
  } catch (const UsageError& e) {
    BOOST_TEST(e.status() == 2);
    return e.what();
  }
  return {};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(where)

BOOST_AUTO_TEST_CASE(what_is_true) {
  for (const std::string_view text :
       {"rtt = 150", "rtt > 149.9", "rtt_us = 150000", "rtt_ms = 150", "rtt = 150ms", "rtt = 0.15s", "rtt >= 150000us",
        "tcp_info.rtt_us <= 150ms", "rttvar = 0.5", "rqueue = 2Ki", "recv-q > 2k", "rqueue = 0x800", "rqueue == 2048B",
        "state = established", "state in (listen, established)", "state not in (listen)", "not state = listen", "! (state = listen)",
        "state != listen", "proc = nginx", "proc = cat", "process ~ ngi", "pid = 9 and fd = 4", "unit = nginx.service",
        "user = 'www-data'", "user = \"www-data\"", "uid", "wqueue", "timestamps", "not sack", "sack = false", "timestamps = true",
        "peer = 10.0.0.0/8", "peer = 10.1.2.3", "peer = ::ffff:10.1.2.3", "peer != 10.1.2.4", "local = 0.0.0.0/0",
        "not snd_ssthresh", "snd_ssthresh != 5", "cong ~ ub and dport = 50000", "rtt > 100 and retrans = 0 and proc = nginx",
        "state = listen or uid = 33 and inode = 77", "(state = listen || uid = 33) && inode = 77"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(holds(text));
}

BOOST_AUTO_TEST_CASE(what_is_false) {
  for (const std::string_view text :
       {"rtt < 150", "rtt = 150us", "rqueue > 2Ki", "state = listen", "state in (listen, closing)", "state not in (established)",
        "not (state = established)", "proc = sshd", "proc = ngin", "unit = cat.service", "snd_ssthresh", "snd_ssthresh > 0", "mark",
        "mark = 0", "peer = 10.0.0.0/16", "peer = 2001:db8::/32", "peer = ::/0", "sack", "name", "name ~ x", "rx_ring.frame_nr >= 0",
        "state = listen and uid = 33 or inode = 78", "uid = 33 and not inode = 77"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!holds(text));
}

BOOST_AUTO_TEST_CASE(zone_of_an_address_is_the_interface_of_its_socket) {
  test::Sample sample;
  sample.socket.family = sample.socket.local.family = sample.socket.remote.family = Family::inet6;
  sample.socket.local.address = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  sample.socket.remote.address = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2};
  sample.socket.ifindex = 3;
  sample.names.interfaces = {{2, "eth0"}, {3, "eth1"}};
  sample.socket.present.add(Field::interface);
  const auto true_here = [&](std::string_view text) { return Where(text).matches(sample.context, sample.socket); };
  for (const std::string_view text :
       {"src = fe80::1%eth1", "dst = fe80::2%eth1", "src = fe80::1%3", "src = fe80::%eth1/64", "src != fe80::1%eth0",
        "src in (10.0.0.1, fe80::1%eth1)", "src in (fe80::1%eth0, fe80::1)", "dst not in (fe80::2%eth0, fe80::3%eth1)",
        "not (src = fe80::1%2)"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(true_here(text));
  for (const std::string_view text :
       {"src = fe80::1%eth0", "dst = fe80::1%eth1", "src = fe80::1%2", "src != fe80::1%eth1", "src in (fe80::1%eth0, fe80::2)",
        "src not in (fe80::1%eth1)", "src = fe80::1%eth"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!true_here(text));
  sample.socket.ifindex = 0;  // bound to none
  BOOST_TEST(!true_here("src = fe80::1%eth1"));
  BOOST_TEST(true_here("src = fe80::1"));
  BOOST_TEST(Where("src = fe80::1%eth1").needs().has(Field::interface));
  BOOST_TEST(!Where("src = fe80::1").needs().has(Field::interface));
  BOOST_TEST(complaint("src = fe80::1%") == "--where: \"fe80::1%\" has no interface after %\n  src = fe80::1%\n        ^^^^^^^^");
  BOOST_TEST(complaint("src = eth0%eth0").starts_with("--where: \"eth0%eth0\" is not an IP address or network\n"));
  BOOST_TEST(complaint("src = fe80::%eth0/129").starts_with("--where: \"fe80::%eth0/129\" has no valid prefix length\n"));
}

BOOST_AUTO_TEST_CASE(numbers_are_exact) {
  test::Sample sample;
  const auto holds = [&](const std::string& text) { return Where(text).matches(sample.context, sample.socket); };
  std::uint32_t v = 1;
  for (int i = 0; i < 4000; ++i, v = i < 2000 ? v + 1 : v * 1103515245u + 12345u) {
    sample.inet.tcp_info.value.rtt = v;
    sample.socket.rqueue = v;
    const std::string ms = fmt::format("{}.{:03}", v / 1000, v % 1000), s = fmt::format("{}.{:06}", v / 1'000'000, v % 1'000'000);
    for (const std::string& number : {ms, ms + "ms", ms + "000", s + "s", fmt::format("{}000ns", v), fmt::format("{}us", v)})
      BOOST_TEST_CONTEXT(number) {
        BOOST_REQUIRE(holds("rtt = " + number));
        BOOST_REQUIRE(holds("rtt >= " + number + " and rtt <= " + number + " and not rtt < " + number + " and not rtt > " + number));
        BOOST_REQUIRE(holds("rtt < " + fmt::format("{}.5us", v) + " and rtt > " + fmt::format("{}.999us", v - 1)));
      }
    BOOST_REQUIRE(holds("rqueue = " + ms + "k"));
    BOOST_REQUIRE(holds("rqueue = " + s + "MB"));
  }
  sample.inet.tcp_info.value.rtt = 1000;
  BOOST_TEST(!holds("rtt = 1.0000000000000000000000000000001"));
  BOOST_TEST(holds("rtt < 1.0000000000000000000000000000001"));
  BOOST_TEST(holds("rtt > 0.9999999999999999999999999999999"));
  sample.socket.inode = ~std::uint64_t{0};
  BOOST_TEST(holds("inode = 18446744073709551615"));
  BOOST_TEST(!holds("inode = 18446744073709551616"));
  BOOST_TEST(holds("inode < 18446744073709551616 and inode > 18446744073709551614.5"));
  BOOST_TEST(holds("inode < 99999999999999999999999999999999999999T"));
  sample.socket.inode = (1ull << 53) + 1;
  BOOST_TEST(!holds("inode = 9007199254740992"));
  BOOST_TEST(holds("inode = 9007199254.740993M and inode > 9007199254740992.5"));
}

BOOST_AUTO_TEST_CASE(what_a_number_looks_like) {
  test::Sample sample;
  sample.socket.rqueue = 22;
  for (const std::string_view text : {"rqueue = 22", "rqueue = +22", "rqueue = 22.", "rqueue = 22.0", "rqueue > .5", "rqueue = 0x16",
                                      "rqueue = +0x16", "rqueue > -1", "rqueue > -0.5k", "rqueue = 0.022k", "rqueue = 00022"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(Where(text).matches(sample.context, sample.socket));
  sample.socket.rqueue = 0;
  BOOST_TEST(Where("rqueue = -0").matches(sample.context, sample.socket));
  BOOST_TEST(Where("rqueue > -0.001").matches(sample.context, sample.socket));
  for (const std::string_view text : {"rqueue < inf", "rqueue > -inf", "rqueue != nan", "rqueue < infinity", "rqueue = 1e3", "rqueue = +",
                                      "rqueue = -", "rqueue = .", "rqueue = +-1", "rqueue = ++1", "rqueue = 1.2.3", "rqueue = 0x",
                                      "rqueue = 1_000", "rqueue = k", "rqueue = .k", "rqueue = 0x1.8", "rtt = nans", "rqueue = +true",
                                      "rqueue = 0x1ffffffffffffffff"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(complaint(text).find("is not a ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(quotation_marks_in_a_quotation) {
  test::Sample sample;
  const auto holds = [&](std::string_view text) { return Where(text).matches(sample.context, sample.socket); };
  sample.holders.owners.clear();
  sample.holders.owners.emplace(77, Owner{7, 7, 3, R"(it's "a\b" c\)", {}, {}});
  BOOST_TEST(holds(R"(proc = "it's \"a\\b\" c\\")"));
  BOOST_TEST(holds(R"(proc = 'it\'s "a\b" c\\')"));   // a backslash before another character is itself
  BOOST_TEST(holds(R"(proc in ('x', 'it\'s "a\\b" c\\') and proc ~ '\'s "')"));
  BOOST_TEST(!holds(R"(proc = 'it\'s')"));
  BOOST_TEST(complaint(R"(proc = 'it\')").starts_with("--where: missing closing quote\n"));
  BOOST_TEST(complaint(R"(proc = 'it's')").starts_with("--where: expected \"and\", \"or\" or the end, not \"s'\""));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_pointed_at) {
  BOOST_TEST(complaint("rttt > 100") == "--where: \"rttt\" is not a column; did you mean rtt?\n  rttt > 100\n  ^^^^");
  BOOST_TEST(complaint("rtt > 100 and stat = 1") ==
             "--where: \"stat\" is not a column; did you mean state?\n  rtt > 100 and stat = 1\n                ^^^^");
  BOOST_TEST(complaint("state = listn") == "--where: \"listn\" is not a value of state; did you mean listen?\n  state = listn\n          ^^^^^");
  for (const std::string_view text :
       {"", "rtt >", "rtt > x", "rtt > 1y", "rtt > 1k", "rqueue > 1ms", "rqueue > 1.5.2", "rqueue = 0xg", "(rtt", "rtt)", "rtt rtt",
        "and", "not", "rtt in", "rtt in (", "rtt in (1", "rtt in (1,", "rtt in (1,)", "rtt not 1", "state < listen", "name > a",
        "name = 'a", "peer = 10.0.0", "peer = 10.0.0.0/33", "peer = ::/129", "peer = 1.2.3.4/", "rtt = = 1", "> 1", "rtt > 1 or"})
    BOOST_TEST_CONTEXT(text) {
      const std::string said = complaint(text);
      BOOST_TEST(said.starts_with("--where: "));
      BOOST_TEST(said.ends_with('^'));
    }
  BOOST_TEST(complaint(std::string(100'000, '(')).starts_with("--where: too many parentheses"));
}

BOOST_AUTO_TEST_CASE(the_process_at_the_other_end) {
  test::Sample sample;
  UnixDetail detail;
  detail.peer_inode = 77;
  sample.socket.protocol = Protocol::unix_stream;
  sample.socket.family = Family::unix_domain;
  sample.socket.inet = nullptr;
  sample.socket.unix_domain = &detail;
  sample.socket.inode = 78;
  sample.socket.present.add(Field::unix_peer);
  const auto holds = [&](std::string_view text) { return Where(text).matches(sample.context, sample.socket); };
  BOOST_TEST(holds("peer_process = nginx and peer_process.comm = cat and not process = nginx"));
  BOOST_TEST(holds("peer_process.pid = 9 and peer_process.fd = 3 and peer_process.unit = nginx.service"));
  BOOST_TEST(!holds("peer_process = sshd"));
  detail.peer_inode = 0;
  BOOST_TEST(!holds("peer_process"));
  sample.socket.present.remove(Field::unix_peer);
  detail.peer_inode = 77;
  BOOST_TEST(!holds("peer_process"));
  BOOST_TEST(Where("peer_process = x").needs().has_all({Field::unix_peer, Field::owner}));
}

BOOST_AUTO_TEST_CASE(what_depends_on_unknown_columns) {
  const auto depends = [](std::string_view text) {
    test::Sample sample;
    sample.socket.inode = 5;  // of nobody
    return Where(text).depends_on(sample.context, sample.socket, [](const Column& c) { return c.needs.has(Field::owner); });
  };
  for (const std::string_view text :
       {"proc = nginx", "not proc = nginx", "proc != nginx", "process", "sport = 443 and proc = nginx", "proc = nginx and sport = 443",
        "sport = 1 or proc = nginx", "not (sport = 443 and pid = 1)", "owners ~ nginx"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(depends(text));
  for (const std::string_view text :
       {"sport = 443", "sport = 1 and proc = nginx", "proc = nginx and sport = 1", "sport = 443 or proc = nginx",
        "not (sport = 1 and pid = 1)", "not (sport = 443 or pid = 1)", "peer_process = nginx"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!depends(text));
}

BOOST_AUTO_TEST_CASE(it_asks_for_what_it_needs) {
  BOOST_TEST((Where("rtt > 1 or mark = 3").needs() == FieldSet{Field::tcp_info, Field::mark}));
  BOOST_TEST(Where("unit = x").needs().has(Field::owner));
  BOOST_TEST(Where("unit = x").process().has(ProcessField::unit));
  BOOST_TEST(!Where("unit = x").process().has(ProcessField::exe));
}

BOOST_AUTO_TEST_SUITE_END()
