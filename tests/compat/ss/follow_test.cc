// -E with our own formats: what is shown at once, what at the end, and the message about lost events. A scripted kernel
// in, text out.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "tests/collect/fake_world.h"
#include "tests/compat/ran.h"
#include "tests/diag/wire.h"

namespace duostat::ss {
namespace {

using namespace wire;
using Words = std::vector<std::string>;

/// Two sockets are destroyed, then events are lost.
Ran followed(const Words& more) {
  Script script;
  for (const std::uint16_t port : {std::uint16_t{10080}, std::uint16_t{10090}})
    script.datagram(
        message(Inet{.state = 7, .sport = port, .inode = 0}.payload(Wire().attribute(10, Wire().u8("protocol", 6))),
                {.flags = 0, .sequence = 0, .port_id = 0}));
  script.error(ENOBUFS);
  StringSink sink;
  FakeWorld world(sink);
  world.env.open_transport = open_script(script);
  Words words{"-ntHE"};
  words.insert(words.end(), more.begin(), more.end());
  Ran result{};
  result.status = run_guarded(kSs, world.env, words);
  world.out.flush();
  result.out = sink.text;
  result.err = world.errors.text;
  return result;
}

// Its number is another one on mips.
const std::string kLost = "netlink receive error No buffer space available (" + std::to_string(ENOBUFS) + ")\n";
const std::string kIncomplete = "ss: events: incomplete, 2 rows shown\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(follow)

BOOST_AUTO_TEST_CASE(lost_events_end_it_as_before) {
  const Ran r = followed({});
  BOOST_TEST(r.status == 255);
  BOOST_TEST(r.err == kLost);
  BOOST_TEST(r.out.find(":10090 ") != std::string::npos, r.out);
}

BOOST_AUTO_TEST_CASE(forms_of_ours_end_with_what_there_is) {
  const struct {
    Words words;
    std::string out;
  } kCases[] = {{{"--count"}, "2\n"},
                {{"--by=protocol"}, "2 tcp\n"},
                {{"--columns=sport"}, "10080\n10090\n"},
                {{"--columns=sport", "--sort=-sport"}, "10090\n10080\n"}};
  for (const auto& c : kCases) {
    const Ran r = followed(c.words);
    BOOST_TEST(r.status == 1);
    BOOST_TEST(r.err == kLost + kIncomplete);
    BOOST_TEST(r.out == c.out);
  }
  for (const Words& words : {Words{"-j"}, Words{"-j", "--count"}, Words{"-j", "--sort=sport"}}) {
    const Ran r = followed(words);
    BOOST_TEST(r.status == 1);
    BOOST_TEST(r.err == kLost + kIncomplete);
    BOOST_TEST(r.out.find("\"complete\":false,\"problems\":[{") != std::string::npos, r.out);
    BOOST_TEST(r.out.ends_with("}\n"), r.out);
  }
  const Ran lines = followed({"--json=lines"});
  BOOST_TEST(lines.status == 1);
  BOOST_TEST(std::count(lines.out.begin(), lines.out.end(), '\n') == 2);
}

BOOST_AUTO_TEST_CASE(sorted_text_is_shown_at_the_end) {
  const Ran r = followed({"--sort=-sport"});
  BOOST_TEST(r.status == 255);
  const auto first = r.out.find(":10090 "), second = r.out.find(":10080 ");
  BOOST_TEST((first < second && second != std::string::npos), r.out);
}

BOOST_AUTO_TEST_CASE(top_ends_it) {
  for (const Words& words : {Words{"--top=1"}, Words{"--top=1", "--columns=sport"}, Words{"--top=1", "-j"}}) {
    const Ran r = followed(words);
    BOOST_TEST(r.status == 0);
    BOOST_TEST(r.err.empty());
    BOOST_TEST(r.out.find("10080") != std::string::npos, r.out);
    BOOST_TEST(r.out.find("10090") == std::string::npos, r.out);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss
