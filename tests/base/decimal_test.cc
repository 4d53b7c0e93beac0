// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/decimal.h"

#include <sys/types.h>

#include <boost/test/unit_test.hpp>
#include <ctime>

namespace duostat {
namespace {

// On 32-bit machines configure sees to this: a capture of 3 GB, an inode above 2^32, the year 2038.
BOOST_AUTO_TEST_CASE(files_and_inodes_have_64_bits) {
  BOOST_TEST(sizeof(off_t) >= 8u);
  BOOST_TEST(sizeof(ino_t) >= 8u);
  BOOST_TEST(sizeof(std::time_t) >= 8u);
}

BOOST_AUTO_TEST_CASE(decimal_fractions) {
  struct {
    std::string_view text;
    std::size_t length;
    double value;
  } const kTexts[] = {{"1.5", 3, 1.5},    {"1.5ms", 3, 1.5}, {".25", 3, .25}, {"3.", 2, 3},
                      {"-2.5", 4, -2.5},  {"1.2.3", 3, 1.2}, {"1e3", 1, 1},   {"0x10", 4, 16},
                      {"16.1k", 4, 16.1}, {"+1", 2, 1},      {"", 0, 0},      {".", 0, 0},
                      {"-", 0, 0},        {"inf", 0, 0},     {"nan", 0, 0},   {" 1", 0, 0}};
  for (const auto& row : kTexts) {
    BOOST_TEST_INFO(row.text);
    BOOST_TEST(decimal_length(row.text) == row.length);
    const auto number = parse_decimal(row.text.substr(0, row.length));
    BOOST_TEST_INFO(row.text);
    BOOST_TEST(number.has_value() == (row.length != 0));
    if (number) BOOST_TEST(number->nearest == row.value);
  }
}

BOOST_AUTO_TEST_CASE(scales_are_exact) {
  const auto number = parse_decimal("1.001", {1, 3});
  BOOST_REQUIRE(number);
  BOOST_TEST(number->whole == 1001u);
  BOOST_TEST(!number->fraction);
  BOOST_TEST((compare(std::uint64_t{1001}, *number) == std::strong_ordering::equal));
  BOOST_TEST(parse_decimal("18446744073709551616")->beyond);
}

}  // namespace
}  // namespace duostat
