// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/decimal.h"

#include <sys/types.h>

#include <boost/test/unit_test.hpp>
#include <ctime>

namespace duostat {
namespace {

// On machines of 32 bits this is configure's doing: a capture of 3 GB, an inode above 2^32, the year 2038.
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
  } const kTexts[] = {{"1.5", 3, 1.5},   {"1.5ms", 3, 1.5}, {".25", 3, .25},  {"3.", 2, 3},     {"-2.5", 4, -2.5},
                      {"1.2.3", 3, 1.2}, {"1e3", 1, 1},     {"0x10", 1, 0},   {"16.1k", 4, 16.1}, {"", 0, 7},
                      {".", 0, 7},       {"-", 0, 7},       {"inf", 0, 7},    {"nan", 0, 7},    {" 1", 0, 7},
                      {"+1", 0, 7}};
  for (const auto& row : kTexts) {
    double value = 7;
    BOOST_TEST_INFO(row.text);
    BOOST_TEST(read_decimal(row.text, value) == row.length);
    BOOST_TEST_INFO(row.text);
    BOOST_TEST(value == row.value);
  }
}

}  // namespace
}  // namespace duostat
