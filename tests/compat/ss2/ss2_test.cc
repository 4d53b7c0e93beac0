// Cases that pyroute2's ss2 cannot show, and the parts: a scripted kernel in, a document out.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "compat/ss2/user_contexts.h"
#include "src/base/error.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"
#include "tests/diag/wire.h"
#include "tests/has.h"

namespace duostat::ss2 {
namespace {

using namespace wire;
using Words = std::vector<std::string>;

std::string listed(const Wire& answer, Words args) {
  args.emplace_back("--via=netlink");
  Script script;
  script.datagram(answer).datagram(done());
  StringSink sink;
  FakeWorld world(sink);
  world.env.open_transport = open_script(script);
  BOOST_TEST(ss2::run(world.env, args) == 0);
  world.out.flush();
  return sink.text;
}

Wire unix_message(const Wire& attributes) {
  return message(Wire().u8("family", 1).u8("type", 2).u8("state", 7).u8("pad", 0).u32("inode", 9).u32("cookie", 1)
                     .u32("cookie", 0).append(attributes));
}

std::string words(std::string_view cmdline) {
  std::string joined;
  for (const std::string_view word : command_words(cmdline)) joined.append("<").append(word).append(">");
  return joined;
}

std::string thousandths(std::uint64_t value) {
  StringSink sink;
  Output out(sink);
  Document(out).thousandths(value);
  out.flush();
  return sink.text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ss2_documents)

BOOST_AUTO_TEST_CASE(nothing_found_is_a_document) {
  BOOST_TEST(listed(done(), {"-t"}) == "{\n    \"TCP\": {\n        \"flows\": []\n    }\n}\n");
}

BOOST_AUTO_TEST_CASE(an_unknown_state_is_a_number) {
  const Wire info = Wire().attribute(2, Wire().u8("tcpi_state", 77).zeros("rest", 279));
  const std::string text = listed(Inet{.state = 1}.message(info), {"-t"});
  BOOST_TEST(has(text, "\"state\": 77,"), text);
  BOOST_TEST(has(text, "\"rcv_wscale\": 0\n"), text);
}

BOOST_AUTO_TEST_CASE(what_an_old_kernel_does_not_send_has_no_key) {
  const std::string text =
      listed(Inet{.state = 1}.message(Wire().attribute(2, Wire().u8("tcpi_state", 1).zeros("rest", 103))), {"-t"});
  BOOST_TEST(has(text, "\"total_retrans\": 0,"), text);
  BOOST_TEST(!has(text, "pacing_rate"), text);
}

BOOST_AUTO_TEST_CASE(rows_of_a_state_or_family_that_was_not_asked_for_are_dropped) {
  BOOST_TEST(!has(listed(Inet{.state = 10}.message(), {"-t"}), "src"));
  BOOST_TEST(has(listed(Inet{.state = 10}.message(), {"-tl"}), "src"));
  BOOST_TEST(!has(listed(Inet{.family = 10, .state = 1}.message(), {"-ta"}), "src"));
}

BOOST_AUTO_TEST_CASE(names_keep_their_bytes) {
  const auto named = [](std::string_view bytes) {
    return listed(unix_message(Wire().attribute(0, Wire().text("name", bytes))), {"-xa"});
  };
  BOOST_TEST(has(named(std::string_view("\0a\xff\"\n", 5)), R"("path_name": "a\udcff\"\n")"));
  BOOST_TEST(has(named(std::string_view("\0\xc3\xbc\xf0\x9f\x98\x80\x7f\0", 9)),
                 R"("path_name": "\u00fc\ud83d\ude00\u007f")"));
  BOOST_TEST(!has(listed(unix_message({}), {"-xa"}), "path_name"));
}

BOOST_AUTO_TEST_CASE(a_peer_without_inode_is_a_peer) {
  const Wire peer = unix_message(Wire().attribute(2, Wire().u32("peer", 0)));
  BOOST_TEST(has(listed(peer, {"-xa"}), "\"peer_inode\": 0"));
  BOOST_TEST(!has(listed(unix_message({}), {"-xa"}), "peer_inode"));
}

BOOST_AUTO_TEST_CASE(command_lines) {
  BOOST_TEST(words("") == "");
  BOOST_TEST(words(std::string_view("a\0\0b\0", 5)) == "<a><><b>");
  BOOST_TEST(words(std::string_view("a title  of its own\0", 20)) == "<a><title><><of><its><own>");
  BOOST_TEST(words("no end at all") == "<no><end><at><all>");
  BOOST_TEST(words(std::string_view("two words\0x\0", 12)) == "<two words><x>");
}

BOOST_AUTO_TEST_CASE(milliseconds_have_the_shortest_fraction) {
  BOOST_TEST(thousandths(0) == "0.0");
  BOOST_TEST(thousandths(204000) == "204.0");
  BOOST_TEST(thousandths(23) == "0.023");
  BOOST_TEST(thousandths(4294967295) == "4294967.295");
  BOOST_TEST(thousandths(10250) == "10.25");
}

BOOST_AUTO_TEST_CASE(sockets_of_proc_in_place_of_netlinks_are_told) {
  const test::Scratch scratch;
  scratch.write("net/tcp",
                "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
                "   0: 0100007F:0016 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 7 1 "
                "0000000000000000\n");
  StringSink sink;
  FakeWorld world(sink, ProcDir(scratch.path(), {}, false));  // and no netlink
  BOOST_TEST(ss2::run(world.env, Words{"-t"}) == 1);
  world.out.flush();
  BOOST_TEST(has(sink.text, "\"src_port\": 22"), sink.text);
  BOOST_TEST(has(world.errors.text, "ss2: netlink: sock_diag open tcp: Protocol not supported\n"), world.errors.text);
  BOOST_TEST(has(world.errors.text, "tcp_info"), world.errors.text);
  StringSink again;
  FakeWorld asked(again, ProcDir(scratch.path(), {}, false));
  BOOST_TEST(ss2::run(asked.env, Words{"-t", "--via=procfs"}) == 0);
  BOOST_TEST(asked.errors.text == "");
}

BOOST_AUTO_TEST_CASE(mistakes) {
  StringSink sink;
  FakeWorld world(sink);
  for (const Words& args : {Words{}, Words{"-a"}, Words{"-t", "-z"}, Words{"-t", "word"}, Words{"-t", "--via=other"}})
    BOOST_CHECK_THROW(ss2::run(world.env, args), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss2
