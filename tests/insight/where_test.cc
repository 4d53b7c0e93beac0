// --where: which sockets match, and the messages for mistakes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/where.h"

#include <fmt/core.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "src/base/error.h"
#include "src/names/lookup.h"
#include "tests/insight/sample.h"

using namespace duostat;

namespace {

bool holds(std::string_view text) {
  test::Sample sample;
  return Where(text).matches(sample.context, sample.socket);
}

/// The lines of the error message.
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
        "state = established", "state in (listen, established)", "state not in (listen)", "not state = listen",
        "! (state = listen)", "state != listen", "proc = nginx", "proc = cat", "process ~ ngi", "pid = 9 and fd = 4",
        "unit = nginx.service", "user = 'www-data'", "user = \"www-data\"", "uid", "wqueue", "timestamps", "not sack",
        "sack = false", "timestamps = true", "peer = 10.0.0.0/8", "peer = 10.1.2.3", "peer = ::ffff:10.1.2.3",
        "peer != 10.1.2.4", "local = 0.0.0.0/0", "not snd_ssthresh", "snd_ssthresh != 5", "cong ~ ub and dport = 50000",
        "rtt > 100 and retrans = 0 and proc = nginx", "state = listen or uid = 33 and inode = 77",
        "(state = listen || uid = 33) && inode = 77"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(holds(text));
}

BOOST_AUTO_TEST_CASE(what_is_false) {
  for (const std::string_view text :
       {"rtt < 150", "rtt = 150us", "rqueue > 2Ki", "state = listen", "state in (listen, closing)",
       "state not in (established)",
        "not (state = established)", "proc = sshd", "proc = ngin", "unit = cat.service", "snd_ssthresh",
        "snd_ssthresh > 0", "mark", "mark = 0", "peer = 10.0.0.0/16", "peer = 2001:db8::/32", "peer = ::/0", "sack",
        "name", "name ~ x", "rx_ring.frame_nr >= 0", "state = listen and uid = 33 or inode = 78",
        "uid = 33 and not inode = 77"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!holds(text));
}

/// Services, users and their ids.
class FewNames final : public Lookup {
 public:
  std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) override {
    if (name == "https") return 443;
    if (name == "two-ports") return protocol == ServiceProtocol::tcp ? 50000 : 50001;
    return std::nullopt;
  }
  std::optional<std::uint32_t> user_id(std::string_view name) override {
    return name == "www-data" || name == "rqueue" ? std::optional<std::uint32_t>(33) : std::nullopt;
  }
  std::string user_name(std::uint32_t uid) override { return uid == 33 ? "www-data" : ""; }
  void host_addresses(std::string_view, Family, std::vector<Address>&) override {}
  std::uint32_t interface_index(std::string_view) override { return 0; }
  std::optional<std::uint32_t> netlink_protocol(std::string_view) override { return std::nullopt; }
  CgroupId cgroup_id(std::string_view) override { return {}; }
};

bool holds_with_names(std::string_view text, const Socket& socket, test::Sample& sample) {
  FewNames names;
  return Where(text, socket_columns(), {"--where", &names}).matches(sample.context, socket);
}

BOOST_AUTO_TEST_CASE(every_word_for_a_state) {
  const struct {
    State state;
    std::vector<std::string_view> words;
  } kWords[] = {
      {State::established, {"ESTAB", "estab", "ESTABLISHED", "Established", "connected", "synchronized", "all", "big"}},
      {State::syn_sent, {"SYN-SENT", "SYN_SENT", "syn-sent", "connected", "CONNECTING"}},
      {State::syn_recv, {"SYN-RECV", "syn_recv", "syn-rcv", "bucket"}},
      {State::fin_wait1, {"FIN-WAIT-1", "FIN_WAIT1", "fin-wait-1", "fin_wait1"}},
      {State::fin_wait2, {"FIN-WAIT-2", "FIN_WAIT2", "fin_wait2"}},
      {State::time_wait, {"TIME-WAIT", "TIME_WAIT", "time-wait", "bucket", "synchronized"}},
      {State::close, {"UNCONN", "unconnected", "close", "CLOSE", "closed", "all", "big"}},
      {State::close_wait, {"CLOSE-WAIT", "CLOSE_WAIT", "close_wait", "Close-Wait"}},
      {State::last_ack, {"LAST-ACK", "LAST_ACK"}},
      {State::listen, {"LISTEN", "LISTENING", "listening", "listen"}},
      {State::closing, {"CLOSING", "DISCONNECTING"}},
  };
  test::Sample sample;
  for (const auto& row : kWords)
    for (const std::string_view word : row.words)
      for (const auto& other : kWords) {
        sample.socket.state = other.state;
        const std::string text = "state = " + std::string(word);
        const bool expected = std::ranges::find(other.words, word) != other.words.end();
        const bool group =
            word == "connected" || word == "synchronized" || word == "all" || word == "big" || word == "bucket";
        BOOST_TEST_CONTEXT(text << ", " << state_value(other.state)) {
          if (!group || expected) BOOST_TEST(Where(text).matches(sample.context, sample.socket) == expected);
          BOOST_TEST(Where("state != " + std::string(word)).matches(sample.context, sample.socket) ==
                     !Where(text).matches(sample.context, sample.socket));
        }
      }
  sample.socket.state = State::listen;
  for (const std::string_view word : {"connected", "bucket", "synchronized"})
    BOOST_TEST(!Where("state = " + std::string(word)).matches(sample.context, sample.socket));
  BOOST_TEST(Where("state in (ESTAB, big)").matches(sample.context, sample.socket));
  // netstat's word for UNIX sockets is the name of a group of ss, but for its letters.
  BOOST_TEST(complaint("state = CONNECTED").find("did you mean established?") != std::string::npos);
  BOOST_TEST(complaint("state = connected") == "");
  BOOST_TEST(complaint("state = unknown").find("not state") != std::string::npos);
  BOOST_TEST(complaint("state = FREE").find("not state") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(words_of_the_originals) {
  test::Sample sample;
  for (const std::string_view text : {"family = ipv4", "family = IPv4", "family = INET", "proto = TCP", "netid = tcp",
                                      "family = \"inet\"", "state = 'ESTAB'", "protocol in (UDP, TCP)", "proto = inet"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(Where(text).matches(sample.context, sample.socket));
  for (const std::string_view text : {"family = ipv6", "proto = tcp6", "proto = u_str", "proto = unix", "netid = nl"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!Where(text).matches(sample.context, sample.socket));
  BOOST_TEST(Where("proto != tcp6").matches(sample.context, sample.socket));
  BOOST_TEST(Where("proto in (tcp6, tcp)").matches(sample.context, sample.socket));
  sample.socket.family = sample.socket.local.family = Family::inet6;
  BOOST_TEST(Where("proto = tcp6 and family = ipv6 and family = ip6").matches(sample.context, sample.socket));
  sample.socket.present.add(Field::timer);
  const auto timer = [&](Timer running, std::string_view word) {
    sample.socket.timer = running;
    return Where("timer = " + std::string(word)).matches(sample.context, sample.socket);
  };
  BOOST_TEST((timer(Timer::retransmit, "on") && timer(Timer::retransmit, "ON") && !timer(Timer::keepalive, "on")));
  BOOST_TEST((timer(Timer::probe0, "persist") && timer(Timer::probe0, "probe") && timer(Timer::probe0, "probe0")));
  BOOST_TEST((timer(Timer::time_wait, "timewait") && timer(Timer::time_wait, "TIME-WAIT")));
}

BOOST_AUTO_TEST_CASE(lists_ranges_and_services) {
  test::Sample sample;
  const auto holds = [&](std::string_view text) { return holds_with_names(text, sample.socket, sample); };
  for (const std::string_view text :
       {"dport = 80,443,50000", "dport = 80, 50000", "sport = https", "sport in (80, https)", "dport = two-ports",
        "dport = 49000-50000", "dport = 50000-50000", "dport != 1-49999", "dport = 80,49999-50001", "rtt = 100-200",
        "rtt = 100ms-0.2s", "rqueue = 1Ki-2Ki", "state = listen,estab", "proc = cat,sshd", "proc ~ xx,ngi",
        "sport = :443", "sport = :https", "peer = 10.0.0.0/8,::1", "state != listen,closing", "user = www-data",
        "user = 33"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(holds(text));
  for (const std::string_view text : {"dport = 80,443", "dport = 1-2", "sport = 444-1000", "state = listen,closing",
                                      "dport != 80,50000", "dport = https"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!holds(text));
  const auto refused = [&](std::string_view text) {
    FewNames names;
    try {
      Where where(text, socket_columns(), {"--where", &names});
    } catch (const UsageError& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  BOOST_TEST(refused("user = nosuch").starts_with("--where: \"nosuch\" is not a user of this host\n"));
  BOOST_TEST(refused("process_user = nosuch").starts_with("--where: \"nosuch\" is not a user of this host\n"));
  BOOST_TEST(refused("dport = httpx")
                 .starts_with("--where: \"httpx\" is not a port, a range of ports or the name of a service\n"));
  BOOST_TEST(refused("dport = 90-80").find("is an empty range") != std::string::npos);
  BOOST_TEST(refused("dport > 80-90").find("is a range; use it with =, != or in") != std::string::npos);
  BOOST_TEST(refused("dport > two-ports").find("has no order") != std::string::npos);
  BOOST_TEST(refused("dport > 80,90").find("expected \"and\"") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(loopback_by_name) {
  test::Sample sample;
  sample.socket.remote.address = {127, 0, 0, 1};
  BOOST_TEST(Where("peer = localhost and not local = localhost").matches(sample.context, sample.socket));
  sample.socket.family = sample.socket.remote.family = Family::inet6;
  sample.socket.remote.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  BOOST_TEST(Where("peer = localhost and peer = [::1] and peer != *").matches(sample.context, sample.socket));
  sample.socket.remote.address = {};
  BOOST_TEST(Where("peer = *").matches(sample.context, sample.socket));
}

BOOST_AUTO_TEST_CASE(two_columns_compared) {
  test::Sample sample;
  sample.socket.backlog_limit = 2047;
  sample.socket.wqueue = 2048;
  sample.socket.present.add(Field::backlog);
  sample.inet.tcp_info.value.min_rtt = 150'000;
  sample.inet.tcp_info.value.last_data_sent = 149;
  const auto holds = [&](std::string_view text) { return holds_with_names(text, sample.socket, sample); };
  for (const std::string_view text :
       {"rqueue > backlog", "rqueue = wqueue", "rqueue >= wqueue and not rqueue < wqueue", "rtt = minrtt",
       "rtt > lastsnd", "lastsnd < rtt",
        "local != peer", "rqueue in (1, wqueue)", "uid < rqueue", "dport != sport", "sport = rqueue or dport > sport",
        "user != process_user", "local = local_address"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(holds(text));
  for (const std::string_view text :
       {"rqueue < backlog", "rtt < lastsnd", "local = peer", "mark = uid", "uid = mark", "rqueue = snd_ssthresh"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!holds(text));
  // A bare word is a value first; a quoted one is nothing else.
  BOOST_TEST(!holds("process = user"));
  BOOST_TEST(!holds("user = rqueue"));
  BOOST_TEST(complaint("rqueue > 'backlog'").find("is not a number") != std::string::npos);
  BOOST_TEST(complaint("peer = 'local'").find("is not an IP address") != std::string::npos);
  BOOST_TEST(complaint("rqueue = state").find("cannot be compared") != std::string::npos);
  BOOST_TEST(complaint("rtt > rqueue").find("cannot be compared") != std::string::npos);
  BOOST_TEST(complaint("peer = user").find("cannot be compared") != std::string::npos);
  BOOST_TEST((Where("rqueue > backlog").needs() == FieldSet{Field::queues, Field::backlog}));
  // One of the owners is enough on either side.
  UnixDetail detail;
  detail.peer_inode = 77;
  Socket socket;
  socket.protocol = Protocol::unix_stream;
  socket.family = Family::unix_domain;
  socket.unix_domain = &detail;
  socket.inode = 78;
  socket.present = {Field::inode, Field::unix_peer};
  sample.holders.owners.emplace(78, Owner{5, 5, 3, "cat", {}, {}});
  BOOST_TEST(!holds_with_names("pid = peer_process.pid", socket, sample));
  sample.holders.owners.emplace(78, Owner{9, 9, 3, "cat", {}, {}});
  BOOST_TEST(holds_with_names("pid = peer_process.pid", socket, sample));
  BOOST_TEST(!holds_with_names("process = peer_process", socket, sample));  // the name of a process
  BOOST_TEST(Where("sport = 1 or pid = uid").depends_on(sample.context, sample.socket, [](const Column& c) {
    return c.id == "uid";
  }));
}

BOOST_AUTO_TEST_CASE(what_is_known_by_its_bounds) {
  using Truth = Where::Truth;
  const Column& uid = *find_column("uid").column;
  const auto judged = [&](std::string_view text, std::uint64_t low, std::uint64_t high, bool unbounded) {
    return Where(text).judge([&](const Column& c) {
      BOOST_REQUIRE(&c == &uid);
      return Bounds{Value::of(low), Value::of(high), unbounded};
    });
  };
  BOOST_TEST((judged("uid > 4", 5, 5, true) == Truth::yes && judged("uid > 5", 5, 5, true) == Truth::unknown));
  BOOST_TEST((judged("uid < 5", 5, 5, true) == Truth::no && judged("uid < 6", 5, 5, true) == Truth::unknown));
  BOOST_TEST((judged("uid = 4", 5, 5, true) == Truth::no && judged("uid = 6", 5, 5, true) == Truth::unknown));
  BOOST_TEST((judged("uid = 9", 5, 7, false) == Truth::no && judged("uid = 6", 5, 7, false) == Truth::unknown));
  BOOST_TEST((judged("uid != 9", 5, 7, false) == Truth::yes && judged("uid = 7-9", 5, 7, false) == Truth::unknown));
  BOOST_TEST((judged("uid >= 5 and uid <= 7", 5, 7, false) == Truth::yes && judged("uid", 5, 7, true) == Truth::yes));
  BOOST_TEST((judged("uid = 5", 5, 5, false) == Truth::yes && judged("uid ~ 5", 5, 5, true) == Truth::unknown));
  BOOST_TEST(
      (judged("uid > 9 or uid < 9", 5, 5, true) == Truth::unknown && judged("not uid > 9", 10, 10, true) == Truth::no));
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
       {"src = fe80::1%eth0", "dst = fe80::1%eth1", "src = fe80::1%2", "src != fe80::1%eth1",
       "src in (fe80::1%eth0, fe80::2)",
        "src not in (fe80::1%eth1)", "src = fe80::1%eth"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(!true_here(text));
  sample.socket.ifindex = 0;  // bound to none
  BOOST_TEST(!true_here("src = fe80::1%eth1"));
  BOOST_TEST(true_here("src = fe80::1"));
  BOOST_TEST(Where("src = fe80::1%eth1").needs().has(Field::interface));
  BOOST_TEST(!Where("src = fe80::1").needs().has(Field::interface));
  BOOST_TEST(complaint("src = fe80::1%") ==
             "--where: \"fe80::1%\" has no interface after %\n  src = fe80::1%\n        ^^^^^^^^");
  BOOST_TEST(complaint("src = eth0%eth0").starts_with("--where: \"eth0%eth0\" is not an IP address or network\n"));
  BOOST_TEST(complaint("src = fe80::%eth0/129")
                 .starts_with("--where: \"fe80::%eth0/129\" has an invalid prefix length; it must be 0 to 128\n"));
}

BOOST_AUTO_TEST_CASE(numbers_are_exact) {
  test::Sample sample;
  const auto holds = [&](const std::string& text) { return Where(text).matches(sample.context, sample.socket); };
  std::uint32_t v = 1;
  for (int i = 0; i < 4000; ++i, v = i < 2000 ? v + 1 : v * 1103515245u + 12345u) {
    sample.inet.tcp_info.value.rtt = v;
    sample.socket.rqueue = v;
    const std::string ms = fmt::format("{}.{:03}", v / 1000, v % 1000),
                      s = fmt::format("{}.{:06}", v / 1'000'000, v % 1'000'000);
    for (const std::string& number :
         {ms, ms + "ms", ms + "000", s + "s", fmt::format("{}000ns", v), fmt::format("{}us", v)})
      BOOST_TEST_CONTEXT(number) {
        BOOST_REQUIRE(holds("rtt = " + number));
        BOOST_REQUIRE(holds("rtt >= " + number + " and rtt <= " + number + " and not rtt < " + number +
                            " and not rtt > " + number));
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
  for (const std::string_view text :
       {"rqueue = 22", "rqueue = +22", "rqueue = 22.", "rqueue = 22.0", "rqueue > .5", "rqueue = 0x16",
        "rqueue = +0x16", "rqueue > -1", "rqueue > -0.5k", "rqueue = 0.022k", "rqueue = 00022"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(Where(text).matches(sample.context, sample.socket));
  sample.socket.rqueue = 0;
  BOOST_TEST(Where("rqueue = -0").matches(sample.context, sample.socket));
  BOOST_TEST(Where("rqueue > -0.001").matches(sample.context, sample.socket));
  for (const std::string_view text :
       {"rqueue < inf", "rqueue > -inf", "rqueue != nan", "rqueue < infinity", "rqueue = 1e3", "rqueue = +",
        "rqueue = -", "rqueue = .", "rqueue = +-1", "rqueue = ++1", "rqueue = 1.2.3", "rqueue = 0x", "rqueue = 1_000",
        "rqueue = k", "rqueue = .k", "rqueue = 0x1.8", "rtt = nans", "rqueue = +true", "rqueue = 0x1ffffffffffffffff"})
    BOOST_TEST_CONTEXT(text) BOOST_TEST(complaint(text).find("is not a ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(quotation_marks_in_a_quotation) {
  test::Sample sample;
  const auto holds = [&](std::string_view text) { return Where(text).matches(sample.context, sample.socket); };
  sample.holders.owners.clear();
  sample.holders.owners.emplace(77, Owner{7, 7, 3, R"(it's "a\b" c\)", {}, {}});
  BOOST_TEST(holds(R"(proc = "it's \"a\\b\" c\\")"));
  BOOST_TEST(holds(R"(proc = 'it\'s "a\b" c\\')"));   // a backslash before another character stands for itself
  BOOST_TEST(holds(R"(proc in ('x', 'it\'s "a\\b" c\\') and proc ~ '\'s "')"));
  BOOST_TEST(!holds(R"(proc = 'it\'s')"));
  BOOST_TEST(complaint(R"(proc = 'it\')").starts_with("--where: missing closing quote\n"));
  BOOST_TEST(complaint(R"(proc = 'it's')").starts_with("--where: expected \"and\", \"or\" or the end, not \"s'\""));
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_pointed_at) {
  BOOST_TEST(complaint("rttt > 100") == "--where: \"rttt\" is not a column; did you mean rtt?\n  rttt > 100\n  ^^^^");
  BOOST_TEST(complaint("rtt > 100 and stat = 1") ==
             "--where: \"stat\" is not a column; did you mean state?\n  rtt > 100 and stat = 1\n                ^^^^");
  BOOST_TEST(complaint("state = listn") ==
             "--where: \"listn\" is not a value of state; did you mean listen?\n  state = listn\n          ^^^^^");
  BOOST_TEST(complaint("xyzzyx > 1") ==
             "--where: \"xyzzyx\" is not a column; --columns=help lists them\n  xyzzyx > 1\n  ^^^^^^");
  BOOST_TEST(complaint("timer = xyzzy")
                 .starts_with("--where: \"xyzzy\" is not a value of timer; these are: off, retransmit, "));
  for (const std::string_view text :
       {"", "rtt >", "rtt > x", "rtt > 1y", "rtt > 1k", "rqueue > 1ms", "rqueue > 1.5.2", "rqueue = 0xg", "(rtt",
       "rtt)", "rtt rtt",
        "and", "not", "rtt in", "rtt in (", "rtt in (1", "rtt in (1,", "rtt in (1,)", "rtt not 1", "state < listen",
        "name > a", "name = 'a", "peer = 10.0.0", "peer = 10.0.0.0/33", "peer = ::/129", "peer = 1.2.3.4/", "rtt = = 1",
        "> 1", "rtt > 1 or", "rqueue = 1,", "rqueue = ,1", "dport = 80-", "dport = -"})
    BOOST_TEST_CONTEXT(text) {
      const std::string said = complaint(text);
      BOOST_TEST(said.starts_with("--where: "));
      BOOST_TEST(said.ends_with('^'));
    }
  BOOST_TEST(complaint(std::string(100'000, '(')).starts_with("--where: parentheses are nested too deeply"));
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
    sample.socket.inode = 5;  // held by no process
    return Where(text).depends_on(sample.context, sample.socket,
                                  [](const Column& c) { return c.needs.has(Field::owner); });
  };
  for (const std::string_view text :
       {"proc = nginx", "not proc = nginx", "proc != nginx", "process", "sport = 443 and proc = nginx",
       "proc = nginx and sport = 443",
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
