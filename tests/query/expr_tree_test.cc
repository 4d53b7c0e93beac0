// The tree as lines.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/expr_tree.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/query/parser.h"
#include "tests/query/map_lookup.h"

using namespace duostat;

BOOST_AUTO_TEST_SUITE(expr_tree)

namespace {
std::string drawn(std::string text) {
  MapLookup names;
  const std::vector<std::string> words{std::move(text)};
  const Parsed parsed = parse_filter(words, ParserContext{names, true, true, Family::unspecified, true});
  BOOST_REQUIRE(parsed.expr.has_value());
  std::string lines;
  for (const TreeLine& line : tree_of(*parsed.expr)) lines += line.branches + line.text + "\n";
  return lines;
}
}  // namespace

BOOST_AUTO_TEST_CASE(operands_stand_below_their_operator) {
  BOOST_TEST(drawn("sport = 22") == "sport{= 22}\n");
  BOOST_TEST(drawn("not ( sport = 22 and dport = 1 ) or autobound") ==
             "or\n"
             "|- not\n"
             "|  `- and\n"
             "|     |- sport{= 22}\n"
             "|     `- dport{= 1}\n"
             "`- autobound\n");
}

BOOST_AUTO_TEST_CASE(depth_costs_no_stack) {
  std::string deep;
  for (int i = 0; i < 20000; ++i) deep += "not ";
  MapLookup names;
  const std::vector<std::string> words{deep + "autobound"};
  const Parsed parsed = parse_filter(words, ParserContext{names, true, true, Family::unspecified, true});
  BOOST_REQUIRE(parsed.expr.has_value());
  BOOST_TEST(!tree_of(*parsed.expr).empty());
}

BOOST_AUTO_TEST_SUITE_END()
