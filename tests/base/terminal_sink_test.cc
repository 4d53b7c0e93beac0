// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/terminal_sink.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

using namespace duostat;

BOOST_AUTO_TEST_SUITE(terminal_sink)

namespace {

std::string shown(const std::vector<std::string>& writes) {
  StringSink end;
  {
    TerminalSink sink(end);
    for (const std::string& text : writes) BOOST_TEST(sink.write(text) == 0);
  }
  return end.text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(text_that_misleads_nobody_stays) {
  for (const char* text : {"", "plain\ttext\n", "\u00fcml\u00e4ut \u2588\u2592 \U0001f980", "\x1b[31m\r"})
    BOOST_TEST(shown({text}) == text);
}

BOOST_AUTO_TEST_CASE(what_turns_the_direction_or_ends_a_line_is_a_question_mark) {
  for (const char* text :
       {"\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u2028", "\u2029"})
    BOOST_TEST(shown({std::string("a") + text + "b\n"}) == "a?b\n");
  for (const char* text : {"\u2027", "\u202f", "\u2065", "\u206a"}) BOOST_TEST(shown({text}) == text);
}

BOOST_AUTO_TEST_CASE(each_byte_that_is_not_utf_8_is_a_question_mark) {
  BOOST_TEST(shown({"a\xff\xfe" "b"}) == "a??b");
  BOOST_TEST(shown({"\xc3", "x"}) == "?x");
  BOOST_TEST(shown({"\xed\xa0\x80."}) == "???.");
  BOOST_TEST(shown({"end\xe2\x80"}) == "end?");
}

BOOST_AUTO_TEST_CASE(a_character_may_come_in_two_writes) {
  const std::string crab = "\U0001f980";
  for (std::size_t cut = 1; cut < crab.size(); ++cut)
    BOOST_TEST(shown({crab.substr(0, cut), crab.substr(cut) + "\n"}) == crab + "\n");
  BOOST_TEST(shown({"\xe2", "\x80", "\xae", "x"}) == "?x");
  BOOST_TEST(shown({"\xe2", "plain"}) == "?plain");
}

BOOST_AUTO_TEST_CASE(more_than_one_piece) {
  std::string text(5000, 'a');
  text += "\u202e";
  text += std::string(9000, 'b');
  std::string expected = text;
  expected.replace(5000, 3, "?");
  BOOST_TEST(shown({text}) == expected);
}

BOOST_AUTO_TEST_SUITE_END()
