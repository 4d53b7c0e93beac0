// Tests every row of the inet attributes: its minimum length, that its field is then present, and that the value is
// stored.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <vector>

#include "src/diag/inet.h"
#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

constexpr std::size_t kLongest = 400;  ///< bytes: more than any known value

/// The result of a row's function. Zeroed including padding, so that two results can be compared as bytes.
struct RowResult {
  alignas(Socket) std::byte socket_memory[sizeof(Socket)] = {};
  alignas(InetDetail) std::byte detail_memory[sizeof(InetDetail)] = {};
  bool accepted;

  RowResult(const AttributeRow<InetTarget>& row, Bytes value) {
    InetTarget target{socket(), *reinterpret_cast<InetDetail*>(detail_memory)};
    accepted = row.decode(value, target);
    socket().inet = nullptr;
  }
  Socket& socket() { return *reinterpret_cast<Socket*>(socket_memory); }
  bool operator==(const RowResult& other) const {
    return std::memcmp(socket_memory, other.socket_memory, sizeof socket_memory) == 0 &&
           std::memcmp(detail_memory, other.detail_memory, sizeof detail_memory) == 0;
  }
};

/// Two attributes whose numbers do not fit 32 bits.
struct Pair {
  std::uint32_t first = 0, second = 0;
};
constexpr AttributeRow<Pair> kHighRows[] = {
    {Field::mark, 1, 40, [](Bytes value, Pair& p) noexcept { return read_at(value, 0, p.first); }},
    {Field::tos, 2, kAttributeNumbers - 1, [](Bytes value, Pair& p) noexcept { return read_at(value, 0, p.second); }},
};

}  // namespace

BOOST_AUTO_TEST_SUITE(attribute_rows)

BOOST_AUTO_TEST_CASE(every_row_reads_and_keeps_its_value) {
  const std::vector<std::byte> ones(kLongest, std::byte{0x11}), twos(kLongest, std::byte{0x22});
  for (const auto& row : inet_attribute_rows()) {
    if (row.type == uapi::kInetPad) continue;  // it carries nothing
    BOOST_TEST_CONTEXT("attribute " << row.type << ", field " << name_of(row.field)) {
      bool accepted = false;
      for (std::size_t size = 0; size <= kLongest; ++size) {
        const bool now = RowResult(row, Bytes(ones).first(size)).accepted;
        BOOST_TEST((now || !accepted), "a longer value is rejected: " << size << " bytes");
        accepted = now;
      }
      RowResult one(row, ones);
      BOOST_TEST(one.accepted);
      BOOST_TEST(one.socket().has(row.field));
      BOOST_TEST(!(one == RowResult(row, twos)), "the value is not kept");
    }
  }
}

BOOST_AUTO_TEST_CASE(numbers_from_32_on_are_read_asked_for_and_stripped) {
  const AttributeTable<Pair> table(kHighRows, {Field::mark, Field::tos}, Protocol::tcp, false);
  const Wire attributes = Wire().attribute(40, Wire().u32("", 7)).attribute(kAttributeNumbers - 1, Wire().u32("", 8));
  Pair pair;
  Coverage coverage;
  table.decode(AttributeWalk(attributes.bytes(), 0), pair, coverage);
  BOOST_TEST(pair.first == 7u);
  BOOST_TEST(pair.second == 8u);
  BOOST_TEST(coverage.unknown == 0u);
  BOOST_TEST(table.ask() == 3u);
  BOOST_TEST(table.unread() == 0u);

  const AttributeTable<Pair> first_only(kHighRows, {Field::mark}, Protocol::tcp, false);
  BOOST_TEST(first_only.ask() == 1u);
  const Wire message = Inet{}.message(attributes), stripped = Inet{}.message(Wire().attribute(40, Wire().u32("", 7)));
  std::vector<std::byte> copy(message.size());
  BOOST_TEST(copy_without(message.bytes(), sizeof(uapi::InetMessage), first_only.unread(), copy.data()) ==
             stripped.size());
}

BOOST_AUTO_TEST_SUITE_END()
