// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/address.h"

#include <arpa/inet.h>

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <random>
#include <string>

using namespace duostat;

namespace {

std::string reference(int af, const void* bytes) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(af, bytes, text, sizeof text);
}
std::string ours(Family family, const Address& address) {
  char text[kAddressTextMax];
  return {text, format_address(text, family, address)};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(address)

BOOST_AUTO_TEST_CASE(ipv4_as_inet_ntop) {
  for (unsigned value = 0; value < 256; ++value)
    for (unsigned at = 0; at < 4; ++at) {
      Address a{};
      a[at] = static_cast<std::uint8_t>(value);
      BOOST_REQUIRE_EQUAL(ours(Family::inet, a), reference(AF_INET, a.data()));
    }
}

// Every pattern of zero and nonzero groups, with values of each length and the two prefixes that end in a dotted quad.
BOOST_AUTO_TEST_CASE(ipv6_as_inet_ntop) {
  std::mt19937 random(1);
  constexpr unsigned values[] = {0x1, 0x12, 0x123, 0x1234, 0xffff, 0x8000};
  for (unsigned pattern = 0; pattern < 256; ++pattern)
    for (int round = 0; round < 40; ++round) {
      Address a{};
      for (unsigned g = 0; g < 8; ++g) {
        if ((pattern >> g & 1) == 0) continue;
        const unsigned value = values[random() % std::size(values)];
        a[2 * g] = static_cast<std::uint8_t>(value >> 8);
        a[2 * g + 1] = static_cast<std::uint8_t>(value);
      }
      BOOST_REQUIRE_EQUAL(ours(Family::inet6, a), reference(AF_INET6, a.data()));
    }
}

BOOST_AUTO_TEST_CASE(numbers) {
  for (const std::uint64_t value : {0ull, 9ull, 10ull, 99ull, 100ull, 65535ull, 4294967296ull, ~0ull}) {
    char text[24];
    BOOST_TEST(std::string(text, format_decimal(text, value)) == std::to_string(value));
  }
  for (std::uint64_t power = 1, i = 0; i < 20; ++i, power *= 10) {
    for (const std::uint64_t value :
         {power - 1, power, power + 1, (std::uint64_t{1} << 3 * i) - 1, std::uint64_t{1} << 3 * i}) {
      char text[24];
      BOOST_TEST(std::string(text, format_decimal(text, value)) == std::to_string(value));
    }
  }
  for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{42}, INT64_MIN, INT64_MAX}) {
    char text[24];
    BOOST_TEST(std::string(text, format_signed(text, value)) == std::to_string(value));
  }
}

BOOST_AUTO_TEST_SUITE_END()
