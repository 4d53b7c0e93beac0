// The words for socket states.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/state_words.h"

#include <boost/test/unit_test.hpp>
#include <utility>

namespace duostat {

BOOST_AUTO_TEST_SUITE(state_words)

BOOST_AUTO_TEST_CASE(groups_have_the_masks_of_the_original) {
  const std::pair<const char*, StateMask> rows[] = {{"all", 0x3fff},    {"connected", 0x3b7f}, {"synchronized", 0x3b7b},
                                                    {"bucket", 0x0048}, {"big", 0x3fb7},       {"SYN-RCV", 0x0008}};
  for (const auto& [word, mask] : rows) BOOST_TEST(states_of(word).value_or(0) == mask, word);
  for (const char* word : {"listen", "estab", "new-syn-recv", "", "undef"})
    BOOST_TEST(!states_of(word).has_value(), word);
}

BOOST_AUTO_TEST_CASE(each_word_selects_the_state_of_its_row) {
  for (const StateRow& row : kStateRows)
    if (!row.word.empty()) BOOST_TEST(states_of(row.word).value_or(0) == mask_of(row.state), row.word);
}

BOOST_AUTO_TEST_CASE(states_without_a_row_are_undefined) {
  BOOST_TEST(state_word(State::established) == "ESTAB");
  BOOST_TEST(state_word(static_cast<State>(99)) == "UNDEF");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
