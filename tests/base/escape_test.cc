// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/escape.h"

#include <boost/test/unit_test.hpp>

using duostat::without_controls;
using namespace std::string_literals;

BOOST_AUTO_TEST_SUITE(escape)

BOOST_AUTO_TEST_CASE(every_byte_alone) {
  std::string scratch;
  for (unsigned byte = 1; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    const bool control = byte < 0x20 || (byte >= 0x7f && byte <= 0x9f);
    BOOST_TEST(without_controls(one, scratch) == (control ? "."s : one), "byte " << byte);
  }
}

BOOST_AUTO_TEST_CASE(text_stays_and_controls_do_not) {
  const struct { std::string in, out; } rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"a\nb", "a.b"},
      {"\x1b[31m", ".[31m"},
      {"Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f"},          // 0x80-0x9f as continuation bytes of letters
      {"\xe2\x80\x9cq", "\xe2\x80\x9cq"},
      {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
      {"x\xc2\x9by", "x.y"},                                  // CSI, encoded
      {"x\x9by", "x.y"},                                      // CSI, bare
      {"x\xc3\x28\x9b", "x\xc3(."},                           // broken sequence, then a bare C1
      {"\xe2\x80", "\xe2."},                                  // truncated
      {"\xc0\x9b", "\xc0."},                                  // overlong
  };
  std::string scratch;
  for (const auto& row : rows) BOOST_TEST(without_controls(row.in, scratch) == row.out);
}

BOOST_AUTO_TEST_SUITE_END()
