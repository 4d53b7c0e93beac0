// Binary structures of any length.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/bytes.h"

#include <boost/test/unit_test.hpp>
#include <vector>

using namespace duostat;

namespace {

struct Growing {
  std::uint32_t first;
  std::uint16_t second;
  std::uint8_t third[2];
};

std::vector<std::byte> ones(std::size_t size) { return std::vector<std::byte>(size, std::byte{0x11}); }

}  // namespace

BOOST_AUTO_TEST_SUITE(bytes)

BOOST_AUTO_TEST_CASE(grown_at_every_length) {
  for (std::size_t length = 0; length <= sizeof(Growing) + 4; ++length) {
    Grown<Growing> grown;
    grown.value.first = 0xffffffff;  // must not show bytes of an earlier message
    grown.assign(ones(length));
    BOOST_TEST(grown.length == length);
    BOOST_TEST(grown.has(&Growing::first) == (length >= 4));
    BOOST_TEST(grown.has(&Growing::second) == (length >= 6));
    BOOST_TEST(grown.has(&Growing::third) == (length >= 8));
    if (length == 0) BOOST_TEST(grown.value.first == 0u);
    if (length >= 4) BOOST_TEST(grown.value.first == 0x11111111u);
    if (length < 4) BOOST_TEST(grown.value.first < 0x11111111u);
    if (length == 7) BOOST_TEST((grown.value.third[0] == 0x11 && grown.value.third[1] == 0));
  }
}

BOOST_AUTO_TEST_CASE(read_at_the_end_and_beyond) {
  const auto four = ones(4);
  std::uint16_t value = 7;
  BOOST_TEST(read_at(four, 0, value));
  BOOST_TEST(value == 0x1111);
  value = 7;
  BOOST_TEST(read_at(four, 2, value));
  BOOST_TEST(value == 0x1111);
  value = 7;
  for (const std::size_t offset : {std::size_t{3}, std::size_t{4}, std::size_t{5}, ~std::size_t{0}})
    BOOST_TEST(!read_at(four, offset, value));
  BOOST_TEST(!read_at({}, 0, value));
  BOOST_TEST(value == 7);
}

BOOST_AUTO_TEST_SUITE_END()
