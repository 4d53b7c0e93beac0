// Numbers and words of one line.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/cursor.h"

#include <boost/test/unit_test.hpp>

using duostat::Cursor;

BOOST_AUTO_TEST_SUITE(cursor)

BOOST_AUTO_TEST_CASE(numbers) {
  struct {
    std::string_view text;
    bool hex, wanted;
    std::uint64_t value;
    std::string_view rest;
  } const kCases[] = {
      {"1F:50", true, true, 0x1f, ":50"},
      {" \t0abcdefABCDEF0", true, true, 0xabcdefabcdef0, ""},
      {"ffffffffffffffff", true, true, ~std::uint64_t{0}, ""},
      {"10000000000000002", true, true, 2, ""},  // low 64 bits
      {"0x10", true, true, 0, "x10"},
      {"g", true, false, 0, "g"},
      {"-1", true, false, 0, "-1"},
      {"", true, false, 0, ""},
      {"  ", true, false, 0, "  "},
      {"42 43", false, true, 42, " 43"},
      {" 007", false, true, 7, ""},
      {"18446744073709551615", false, true, ~std::uint64_t{0}, ""},
      {"18446744073709551617", false, true, 1, ""},
      {"-1", false, true, ~std::uint64_t{0}, ""},
      {"-", false, false, 0, "-"},
      {" -x", false, false, 0, " -x"},
      {"\xb2", false, false, 0, "\xb2"},
      {"a", false, false, 0, "a"},
  };
  for (const auto& c : kCases) {
    Cursor cursor(c.text);
    std::uint64_t value = 99;
    BOOST_TEST((c.hex ? cursor.hex(value) : cursor.dec(value)) == c.wanted, c.text);
    BOOST_TEST(value == (c.wanted ? c.value : 99), c.text);
    BOOST_TEST(cursor.rest() == c.rest, c.text);
  }
}

BOOST_AUTO_TEST_CASE(a_line_from_end_to_end) {
  Cursor cursor("  0: 0100007F:0016 0A \tname  ");
  std::uint64_t value = 0;
  std::string_view word;
  BOOST_TEST(cursor.dec(value));
  BOOST_TEST(!cursor.expect(';'));
  BOOST_TEST(cursor.expect(':'));
  BOOST_TEST(cursor.hex(value));
  BOOST_TEST(value == 0x0100007fu);
  BOOST_TEST(cursor.expect(':'));
  BOOST_TEST(cursor.hex(value));
  BOOST_TEST(value == 22u);
  BOOST_TEST(cursor.word(word));
  BOOST_TEST(word == "0A");
  BOOST_TEST(cursor.word(word));
  BOOST_TEST(word == "name");
  BOOST_TEST(!cursor.word(word));
  BOOST_TEST(word == "name");
  BOOST_TEST(cursor.rest() == "  ");
  BOOST_TEST(!cursor.done());
  cursor.skip_blanks();
  BOOST_TEST(cursor.done());
  BOOST_TEST(!cursor.expect('\0'));
}

BOOST_AUTO_TEST_CASE(nothing_is_read_beyond_the_end) {
  const std::string_view text = "123456";
  Cursor cursor(text.substr(0, 3));
  std::uint64_t value = 0;
  BOOST_TEST(cursor.dec(value));
  BOOST_TEST(value == 123u);
  BOOST_TEST(cursor.done());
}

BOOST_AUTO_TEST_SUITE_END()
