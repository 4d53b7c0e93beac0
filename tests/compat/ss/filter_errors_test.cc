// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/filter_errors.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/query/map_lookup.h"

using namespace duostat;

BOOST_AUTO_TEST_SUITE(filter_errors)

namespace {

struct Case {
  std::vector<std::string> words;
  int status;
  bool usage;
  const char* text;   // output on a pipe
  const char* terminal;  // additional output on a terminal
};

const Case kCases[] = {
    {{"sport", "=", "22", "or", "443"}, 255, true,
     "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.\n",
     "  sport = 22 or 443\n"
     "                ^~~ expected: src dst sport dport dev fwmark cgroup autobound not (\n"},
    {{"( sport = 22"}, 255, true, "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.\n",
     "  ( sport = 22\n"
     "               ^ expected: and or, a further predicate, )\n"},
    {{"sport", "22", ")"}, 255, true, "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.\n",
     "  sport 22 )\n"
     "           ^ expected: and or, a further predicate, the end\n"},
    {{"dst", "!=", "10.0.0.1"}, 255, true, "ss: bison bellows (while parsing filter): \"syntax error!\" Sorry.\n",
     "  dst != 10.0.0.1\n"
     "      ^~ expected: =, ADDRESS:PORT\n"},
    {{"sport = foo"}, 1, false, "Error: \"foo\" does not look like a port.\nCannot parse dst/src address.\n",
     "  sport = foo\n"
     "          ^~~ expected: a port number or the name of a service of the tables shown\n"},
    {{"sport", "rlogin"}, 1, false, "Error: ambiguous port \"rlogin\".\nCannot parse dst/src address.\n",
     "  sport rlogin\n"
     "        ^~~~~~ expected: a port number: tcp and udp have different ones by this name\n"},
    {{"src", "::1"}, 1, false, "Error: an inet prefix is expected rather than \":\".\nCannot parse dst/src address.\n",
     "  src ::1\n"
     "      ^ expected: ADDRESS, ADDRESS/LENGTH, [IPV6-ADDRESS]:PORT or the name of a host\n"},
    {{"src", "[::1"}, 1, false, "Cannot parse dst/src address.\n",
     "  src [::1\n"
     "      ^~~~ expected: [IPV6-ADDRESS]:PORT, link:PROTOCOL:INTERFACE, netlink:PROTOCOL:PORTID or vsock:CID:PORT\n"},
    {{"dev", "no\x1b"}, 1, false, "Cannot parse device.\n",
     "  dev no.\n"
     "      ^~~ expected: the name or number of an interface\n"},
    {{"fwmark", "x\x1b"}, 1, false, "Cannot parse mark x..\n",
     "  fwmark x.\n"
     "         ^~ expected: MARK or MARK/MASK\n"},
    {{"fwmark", "x"}, 1, false, "Cannot parse mark x.\n",
     "  fwmark x\n"
     "         ^ expected: MARK or MARK/MASK\n"},
    {{"cgroup", "/b"}, 1, false, "Failed to get cgroup2 ID: No such file or directory\nCannot parse cgroup /b.\n",
     "  cgroup /b\n"
     "         ^~ expected: the path of a cgroup2 directory\n"},
};

}  // namespace

BOOST_AUTO_TEST_CASE(words_and_status) {
  for (const Case& row : kCases) {
    BOOST_TEST_CONTEXT(row.words.back()) {
      MapLookup names;
      const Parsed parsed = parse_filter(row.words, ParserContext{names});
      BOOST_REQUIRE(!parsed.ok());
      const ss::FilterFailure pipe = ss::filter_failure(parsed.error, row.words, false);
      BOOST_TEST(pipe.text == row.text);
      BOOST_TEST(pipe.status == row.status);
      BOOST_TEST(pipe.usage == row.usage);
      BOOST_TEST(ss::filter_failure(parsed.error, row.words, true).text == row.text + std::string(row.terminal));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
