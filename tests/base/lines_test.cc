// Lines of a text, and the width of text on a terminal.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/lines.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/base/display_width.h"

using namespace duostat;

BOOST_AUTO_TEST_SUITE(lines)

BOOST_AUTO_TEST_CASE(lines_end_with_or_without_a_newline) {
  const auto lines_of = [](std::string_view text) {
    std::string all;
    std::string_view line;
    while (next_line(text, line)) all.append("[").append(line).append("]");
    return all;
  };
  BOOST_TEST(lines_of("") == "");
  BOOST_TEST(lines_of("a") == "[a]");
  BOOST_TEST(lines_of("a\n") == "[a]");
  BOOST_TEST(lines_of("a\n\nb") == "[a][][b]");
  BOOST_TEST(lines_of("\n") == "[]");
}

BOOST_AUTO_TEST_CASE(a_character_takes_one_column) {
  BOOST_TEST(display_width("") == 0U);
  BOOST_TEST(display_width("abc") == 3U);
  BOOST_TEST(display_width("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80") == 3U);
  BOOST_TEST(beginning_of_width("\xc3\xa4\xc3\xb6x", 2) == "\xc3\xa4\xc3\xb6");
  BOOST_TEST(beginning_of_width("ab", 5) == "ab");
  BOOST_TEST(beginning_of_width("ab", 0) == "");
}

BOOST_AUTO_TEST_SUITE_END()
