// Suggestions for mistyped words: a prefix, a few edits, or none.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/nearest.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace duostat {
namespace {

constexpr std::string_view kWords[] = {"",           "established", "est",     "listen", "listening",
                                       "close_wait", "tcp",         "netstat", "ss",     "state"};

BOOST_AUTO_TEST_CASE(the_word_that_was_meant) {
  const struct {
    std::string_view typed, meant;
  } kCases[] = {
      {"listn", "listen"},     {"LISTN", "listen"}, {"lis", "listen"},
      {"esta", "established"}, {"es", "est"},       {"tpc", "tcp"},
      {"netsat", "netstat"},   {"sss", "ss"},       {"Close-Wiat", "close_wait"},
      {"statte", "state"},     {"stat", "state"},   {"CLOSE", "close_wait"},
      {"ntestat", "netstat"},  {"wait", "close_wait"},
  };
  for (const auto& row : kCases) BOOST_TEST(nearest(row.typed, kWords) == row.meant, row.typed);
}

BOOST_AUTO_TEST_CASE(nothing_is_better_than_nonsense) {
  for (const std::string_view typed : {"", "x", "s", "xy", "xxx", "foo", "estimate", "clothes", "lstne"})
    BOOST_TEST(nearest(typed, kWords) == "", typed);
  BOOST_TEST(nearest("a", {}) == "");
  BOOST_TEST(nearest(std::string(1000, 'x'), kWords) == "");
  const std::string longest(64, 'x');
  const std::string_view words[] = {longest};
  BOOST_TEST(nearest(std::string(1000, 'x'), words) == longest);
}

BOOST_AUTO_TEST_CASE(as_the_end_of_a_message) {
  BOOST_TEST(did_you_mean("tpc", kWords) == "; did you mean tcp?");
  BOOST_TEST(did_you_mean("tpc", kWords, "--") == "; did you mean --tcp?");
  BOOST_TEST(did_you_mean("foo", kWords) == "");
}

}  // namespace
}  // namespace duostat
