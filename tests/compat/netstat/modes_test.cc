// Routes, interfaces and groups when one source, or both, cannot answer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "tests/collect/fake_world.h"
#include "tests/compat/ran.h"
#include "tests/diag/wire.h"

namespace duostat::netstat {
namespace {

using wire::Script;
using wire::Wire;

Wire of_type(std::uint16_t type, const Wire& payload) { return wire::message(payload, {.type = type, .sequence = 1}); }
Wire done(int error = 0) {
  return wire::message(Wire().u32("error", static_cast<std::uint32_t>(-error)), {.type = wire::kDone, .sequence = 1});
}
Wire link() {
  return of_type(16, Wire()
                         .u8("ifi_family", 0)
                         .u8("pad", 0)
                         .u16("ifi_type", 1)
                         .u32("ifi_index", 2)
                         .u32("ifi_flags", 0x1043)
                         .u32("ifi_change", 0)
                         .attribute(3, Wire().text("IFLA_IFNAME", "eth0").u8("NUL", 0)));
}
Wire group(std::uint8_t family, const Wire& address) {
  return of_type(
      58, Wire().u8("ifa_family", family).zeros("prefix, flags, scope", 3).u32("index", 2).attribute(7, address));
}
Wire route() {
  return of_type(24, Wire().u8("rtm_family", 2).u8("rtm_dst_len", 8).zeros("src_len, tos", 2).u8("rtm_table", 254)
                         .u8("rtm_protocol", 4).u8("rtm_scope", 0).u8("rtm_type", 1).u32("rtm_flags", 0)
                         .attribute(1, Wire().u8("", 10).zeros("", 3)).attribute(4, Wire().u32("RTA_OIF", 2)));
}

/// /proc is missing, and no other directory was named; netlink answers from the script.
Ran run_words(Script& script, std::vector<std::string> words, bool open = true) {
  StringSink sink;
  FakeWorld world(sink, ProcDir("/nonexistent", {}, false));
  if (open) world.env.open_transport = wire::open_script(script);
  const int status = run(world.env, words);
  world.out.flush();
  return {status, sink.text, world.errors.text};
}

BOOST_AUTO_TEST_SUITE(netstat_modes)

BOOST_AUTO_TEST_CASE(an_inet6_half_that_fails_is_told) {
  for (const int error : {ENOBUFS, EPERM}) {
    Script script;
    script.datagram(link())
        .datagram(done())
        .datagram(group(2, Wire().u8("", 224).zeros("", 2).u8("", 1)))
        .datagram(done());
    script.datagram(link()).datagram(done()).datagram(done(error));
    const Ran r = run_words(script, {"-gn", "--via=netlink"});
    BOOST_TEST(r.status == 1);
    BOOST_TEST(r.out.find("eth0            -      224.0.0.1\n") != std::string::npos);
    BOOST_TEST(r.err.starts_with("netstat: netlink: rtnetlink dump RTM_GETMULTICAST: "));
  }
}

BOOST_AUTO_TEST_CASE(without_proc_netlink_stands_in) {
  Script script;
  script.datagram(link()).datagram(done()).datagram(route()).datagram(done());
  const Ran r = run_words(script, {"-rn"});
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.err == "");
  BOOST_TEST(r.out.find("\n10.0.0.0        0.0.0.0         255.0.0.0       U ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(but_not_if_files_were_asked_for) {
  Script script;
  script.datagram(link()).datagram(done()).datagram(route()).datagram(done());
  const Ran r = run_words(script, {"-rn", "--via=procfs"});
  BOOST_TEST(r.status == 1);
  BOOST_TEST(r.err == "/nonexistent/net/route: No such file or directory\n");
  BOOST_TEST(script.requests.empty());
}

BOOST_AUTO_TEST_CASE(if_neither_can_both_are_told) {
  Script script;
  const std::string refused = "netstat: netlink: rtnetlink open RTM_GETLINK: Protocol not supported\n";
  const Ran routes = run_words(script, {"-rn"}, false);
  BOOST_TEST(routes.status == 1);
  BOOST_TEST(routes.err == refused + "/nonexistent/net/route: No such file or directory\n");
  const Ran inet6 = run_words(script, {"-rn", "-6"}, false);
  BOOST_TEST(inet6.err == refused + "/nonexistent/net/ipv6_route: No such file or directory\n");
  const Ran groups = run_words(script, {"-gn", "-4"}, false);
  BOOST_TEST(groups.status == 1);
  BOOST_TEST(groups.err.find("/nonexistent/net/igmp: No such file or directory\n" + refused) != std::string::npos);
  const Ran interfaces = run_words(script, {"-i"}, false);
  BOOST_TEST(interfaces.err.find("cannot open /nonexistent/net/dev") != std::string::npos);
  BOOST_TEST(interfaces.err.find(refused) != std::string::npos);
  const Ran sockets = run_words(script, {"-tn"}, false);
  BOOST_TEST(sockets.status == 1);
  BOOST_TEST(sockets.err.starts_with("netstat: netlink: "));
  BOOST_TEST(sockets.err.find(": Protocol not supported\nnetstat: no support for `AF INET (tcp)' on this system.\n") !=
             std::string::npos);
  for (const char* mode : {"-r", "-g", "-i"}) {
    const Ran counted = run_words(script, {mode, "--count"}, false);
    BOOST_TEST(counted.status == 1, mode);
    BOOST_TEST(counted.err.find("incomplete, ") != std::string::npos, mode);
    const Ran json = run_words(script, {mode, "--json"}, false);
    BOOST_TEST(json.status == 1, mode);
    BOOST_TEST(json.out.find("\"complete\":false") != std::string::npos, mode);
    BOOST_TEST(json.out.find("rtnetlink open") != std::string::npos, mode);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat
