// Type information of every kind, also damaged.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bpf/btf.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/bpf/raw_btf.h"

namespace duostat {
namespace {

using wire::raw_btf;
using wire::Wire;

constexpr std::string_view kStrings{"\0int\0pair\0a\0b\0", 14};

/// 1 int, 2 const int, 3 typedef "pair" of 4, 4 struct { int a; const int b : 3 }, 5 pair[6], 6 enum, 7 pointer to 5
Wire some_types() {
  return Wire()
      .words("int, 32 bits, signed", {1, 1u << 24, 4, 1u << 24 | 32})
      .words("const int", {0, 10u << 24, 1})
      .words("typedef pair", {5, 8u << 24, 4})
      .words("struct of two, bit fields", {0, 1u << 31 | 4u << 24 | 2, 8})
      .words("a", {10, 1, 0})
      .words("b", {12, 2, 3u << 24 | 32})
      .words("array", {0, 3u << 24, 0, 3, 1, 6})
      .words("enum of one, signed", {0, 1u << 31 | 6u << 24 | 1, 4, 10, 0xffffffff})
      .words("pointer", {0, 2u << 24, 5});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(btf)

BOOST_AUTO_TEST_CASE(kinds) {
  const auto btf = Btf::parse(raw_btf(some_types(), kStrings));
  BOOST_REQUIRE(btf.has_value());
  BOOST_TEST(btf->type(1).name == "int");
  BOOST_TEST(btf->type(1).is_signed);
  BOOST_TEST(btf->unqualified(2) == 1u);
  BOOST_TEST(btf->unqualified(3) == 3u);
  BOOST_TEST(btf->resolved(3) == 4u);
  BOOST_TEST(btf->size_of(5).value() == 48u);
  BOOST_TEST(btf->size_of(7).value() == sizeof(void*));
  BOOST_TEST(!btf->size_of(0).has_value());
  const BtfType pair = btf->type(4);
  BOOST_TEST(btf->member(pair, 0).name == "a");
  BOOST_TEST(btf->member(pair, 0).bits == 0);
  BOOST_TEST(btf->member(pair, 1).bit_offset == 32u);
  BOOST_TEST(btf->member(pair, 1).bits == 3);
  BOOST_TEST(btf->member(pair, 2).name.empty());
  BOOST_TEST(btf->enumerator(btf->type(6), 0).value == -1);
  BOOST_TEST((btf->type(8).kind == BtfKind::nothing));
}

BOOST_AUTO_TEST_CASE(cut_anywhere) {
  const auto whole = raw_btf(some_types(), kStrings);
  for (std::size_t size = 0; size < whole.size(); ++size)
    BOOST_TEST(!Btf::parse({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}).has_value(), size);
}

// Each byte of the types replaced: either understood or refused, never read out of bounds.
BOOST_AUTO_TEST_CASE(damaged_anywhere) {
  const auto whole = raw_btf(some_types(), kStrings);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (const std::uint8_t value : {0x00, 0x03, 0x7f, 0xff}) {
      auto damaged = whole;
      damaged[at] = std::byte{value};
      const auto btf = Btf::parse(damaged);
      if (!btf) ++refused;
      for (std::uint32_t id = 0; btf && id < 9; ++id) {
        const BtfType type = btf->type(id);
        btf->size_of(id);
        for (std::size_t i = 0; i < 4; ++i) {
          btf->member(type, i);
          btf->enumerator(type, i);
          btf->parameter(type, i);
        }
      }
    }
  BOOST_TEST(refused > 0u);
}

BOOST_AUTO_TEST_CASE(loops_end) {
  const auto btf = Btf::parse(raw_btf(Wire()
                                          .words("const of itself", {0, 10u << 24, 1})
                                          .words("array of itself", {0, 3u << 24, 0, 2, 1, 1}),
                                      kStrings));
  BOOST_REQUIRE(btf.has_value());
  BOOST_TEST(btf->resolved(1) == 0u);
  BOOST_TEST(!btf->size_of(2).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
