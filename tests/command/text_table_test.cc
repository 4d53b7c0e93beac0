// Tables for people: columns that are cut on a narrow terminal.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/text_table.h"

#include <boost/test/unit_test.hpp>

namespace duostat::command {
namespace {

std::string printed(const TextTable& table, std::size_t width = 0) {
  StringSink sink;
  {
    Output out(sink);
    table.print(out, width);
  }
  return sink.text;
}

TextTable sample() {
  TextTable table({{"A"}, {"NUMBER", true}, {"EMPTY"}, {"NAME", false, 4}, {"LONG", false, 6}});
  table.row({"a", "7", "", "short", "a long text of words"});
  table.row({"bb", "1234567", "", "a longer name", ""});
  return table;
}

BOOST_AUTO_TEST_CASE(widths_follow_the_cells) {
  BOOST_TEST(printed(sample()) ==
             "A   NUMBER NAME          LONG\n"
             "a        7 short         a long text of words\n"
             "bb 1234567 a longer name\n");
  BOOST_TEST(printed(TextTable({{"A"}, {"B", true}})) == "A B\n");
}

BOOST_AUTO_TEST_CASE(a_narrow_terminal) {
  BOOST_TEST(printed(sample(), 30) ==
             "A   NUMBER NAME      LONG\n"
             "a        7 short     a long ..\n"
             "bb 1234567 a longe..\n");
  for (std::size_t width = 22; width < 60; ++width) {
    std::string_view rest;
    const std::string text = printed(sample(), width);
    for (rest = text; !rest.empty();) {
      const auto end = rest.find('\n');
      BOOST_TEST(end <= width);
      rest.remove_prefix(end + 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(cells_are_clean) {
  TextTable table({{"A"}, {"B"}});
  table.row({"a\nb\x1b[31m", "\xc2\x9bx"});
  BOOST_TEST(printed(table) == "A        B\na.b.[31m .x\n");
}

BOOST_AUTO_TEST_CASE(cutting) {
  BOOST_TEST(cut("abcdef", 6) == "abcdef");
  BOOST_TEST(cut("abcdef", 5) == "abc..");
  BOOST_TEST(cut("abcdef", 2) == "..");
  BOOST_TEST(cut("abcdef", 1) == ".");
  BOOST_TEST(cut("abcdef", 0) == "");
  BOOST_TEST(cut("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f", 3) == "\xc3\xa4..");
}

}  // namespace
}  // namespace duostat::command
