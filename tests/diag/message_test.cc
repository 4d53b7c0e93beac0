// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/message.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <random>
#include <vector>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

BOOST_AUTO_TEST_SUITE(message_walk)

BOOST_AUTO_TEST_CASE(two_messages_with_padding_between) {
  const Wire datagram = Wire()
                            .append(wire::message(Wire().text("payload", "abcde"), {.type = 20, .flags = 0x12}))
                            .append(wire::message(Wire(), {.type = 3, .sequence = 9, .port_id = 8}));
  MessageWalk walk(datagram.bytes());
  Message m;
  BOOST_REQUIRE(walk.next(m));
  BOOST_TEST(m.type == 20);
  BOOST_TEST(m.flags == 0x12);
  BOOST_TEST(m.payload.size() == 5u);
  BOOST_REQUIRE(walk.next(m));
  BOOST_TEST(m.type == 3);
  BOOST_TEST(m.sequence == 9u);
  BOOST_TEST(m.port_id == 8u);
  BOOST_TEST(m.payload.empty());
  BOOST_TEST(!walk.next(m));
  BOOST_TEST(!walk.deficit());
}

BOOST_AUTO_TEST_CASE(padding_may_be_missing_at_the_end) {
  const Wire whole = wire::message(Wire().text("payload", "abcde"));
  MessageWalk walk(whole.bytes().first(whole.size() - 3));
  Message m;
  BOOST_TEST(walk.next(m));
  BOOST_TEST(!walk.next(m));
  BOOST_TEST(!walk.deficit());
}

BOOST_AUTO_TEST_CASE(bad_lengths_end_the_walk) {
  for (const std::uint32_t length : {0u, 1u, 15u, 21u, 0x7fffffffu, 0xfffffffdu, 0xffffffffu}) {
    const Wire bad = Wire().u32("nlmsg_len", length).zeros("rest", 16);
    MessageWalk walk(bad.bytes());
    Message m;
    BOOST_TEST(!walk.next(m));
    BOOST_TEST(walk.deficit());
    BOOST_TEST(!walk.next(m));
  }
}

BOOST_AUTO_TEST_CASE(attributes_lose_their_flag_bits_and_padding) {
  const Wire area = Wire()
                        .attribute(0x8000 | 19, Wire().text("nested", "x"))
                        .attribute(0x4000 | 2, Wire().u32("value", 5))
                        .attribute(7, Wire());
  AttributeWalk walk(area.bytes());
  Attribute a;
  BOOST_REQUIRE(walk.next(a));
  BOOST_TEST(a.type == 19);
  BOOST_TEST(a.value.size() == 1u);
  BOOST_REQUIRE(walk.next(a));
  BOOST_TEST(a.type == 2);
  BOOST_REQUIRE(walk.next(a));
  BOOST_TEST(a.type == 7);
  BOOST_TEST(a.value.empty());
  BOOST_TEST(!walk.next(a));
  BOOST_TEST(!walk.deficit());
}

BOOST_AUTO_TEST_CASE(attribute_with_a_bad_length) {
  for (const std::uint16_t length : {0, 3, 9, 0xffff}) {
    const Wire bad = Wire().u16("nla_len", length).u16("nla_type", 1).u32("value", 0);
    AttributeWalk walk(bad.bytes());
    Attribute a;
    BOOST_TEST(!walk.next(a));
    BOOST_TEST(walk.deficit());
    BOOST_TEST(!walk.next(a));  // stays at the end
    BOOST_TEST(walk.deficit());
  }
}

BOOST_AUTO_TEST_CASE(attributes_behind_a_fixed_part_that_is_not_all_there) {
  const Wire payload = Wire().u16("half", 1);
  AttributeWalk walk(payload.bytes(), 72);
  Attribute a;
  BOOST_TEST(!walk.next(a));
  BOOST_TEST(!walk.deficit());
}

std::vector<std::byte> without(Bytes datagram, std::uint32_t unwanted) {
  std::vector<std::byte> copy(datagram.size());
  copy.resize(copy_without(datagram, 8, unwanted, copy.data()));
  return copy;
}
/// The rest of `datagram` after stripping attribute 1, which follows eight bytes.
std::vector<std::byte> trimmed(const Wire& datagram) {
  return without(datagram.bytes(), 1u << 1);
}
bool equal(const std::vector<std::byte>& left, const Wire& right) { return std::ranges::equal(left, right.bytes()); }

BOOST_AUTO_TEST_CASE(attributes_are_taken_out_and_the_rest_moves_up) {
  const Wire fixed = Wire().text("fixed", "12345678"), unwanted = Wire().text("value", "unwanted"),
             five = Wire().text("value", "abcde");
  const Wire after = done();
  const Wire all = Wire(fixed)
                       .attribute(1, unwanted)
                       .attribute(2, five)
                       .attribute(0x8001, unwanted)
                       .attribute(3, five)
                       .attribute(1, five);
  const Wire left = Wire(fixed).attribute(2, five).attribute(3, five);
  BOOST_TEST(equal(trimmed(Wire(message(all)).append(message(all)).append(after)),
                   Wire(message(left)).append(message(left)).append(after)));
}

BOOST_AUTO_TEST_CASE(what_is_no_attribute_stays) {
  const Wire fixed = Wire().text("fixed", "12345678"), value = Wire().text("value", "ab");
  const Wire control = message(Wire(fixed).attribute(1, value), {.type = kDone});
  const Wire shorter = message(Wire().text("part of what is fixed", "1234"));
  const Wire bent = message(Wire(fixed).attribute(2, value).u16("nla_len", 99).u16("nla_type", 1));
  const Wire cut = Wire(message(Wire(fixed).attribute(2, value))).u32("nlmsg_len", 999).text("and no more", "1234567");
  for (const Wire& datagram : {control, shorter, bent, cut, Wire()}) BOOST_TEST(equal(trimmed(datagram), datagram));
  // A last attribute without padding is not read beyond its end either.
  const Wire whole = message(Wire(fixed).attribute(1, value).u16("nla_len", 6).u16("nla_type", 2).append(value));
  const auto unpadded = whole.bytes().first(whole.size() - 2);
  BOOST_TEST(trimmed(Wire().append(unpadded)).size() == unpadded.size() - 8);
}

BOOST_AUTO_TEST_CASE(trimming_any_bytes_loses_none_that_is_wanted) {
  std::minstd_rand random(7);
  const Wire good = message(
      Wire().text("fixed", "12345678").attribute(1, Wire().text("v", "ab")).attribute(2, Wire().text("v", "abcde")));
  for (int round = 0; round < 20000; ++round) {
    std::vector<std::byte> bytes;
    for (int i = 0; i < 3; ++i) bytes.insert(bytes.end(), good.bytes().begin(), good.bytes().end());
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    bytes.resize(random() % (bytes.size() + 1));
    BOOST_REQUIRE(without(bytes, 0) == bytes);
    const std::vector<std::byte> left = without(bytes, 1u << 1);
    BOOST_REQUIRE(left.size() <= bytes.size());
    MessageWalk before(bytes), after(left);
    for (Message a, b;;) {
      const bool more = before.next(a);
      BOOST_REQUIRE(after.next(b) == more);
      if (!more) break;
      BOOST_REQUIRE(a.type == b.type);
      BOOST_REQUIRE(std::ranges::equal(a.payload.first(std::min<std::size_t>(a.payload.size(), 8)),
                                       b.payload.first(std::min<std::size_t>(b.payload.size(), 8))));
      if (a.type < uapi::kFirstDataType) continue;
      AttributeWalk had(a.payload, 8), has(b.payload, 8);
      for (Attribute x, y; had.next(x);)
        if (x.type != 1) BOOST_REQUIRE((has.next(y) && x.type == y.type && std::ranges::equal(x.value, y.value)));
      Attribute rest;
      BOOST_REQUIRE(!has.next(rest));
      BOOST_REQUIRE(had.deficit() == has.deficit());
    }
    BOOST_REQUIRE(before.deficit() == after.deficit());
  }
}

BOOST_AUTO_TEST_CASE(error_numbers) {
  const auto error = [](std::uint16_t type, const Wire& payload) {
    Message m;
    m.type = type;
    m.payload = payload.bytes();
    return error_of(m);
  };
  BOOST_TEST(error(wire::kError, Wire().u32("error", static_cast<std::uint32_t>(-ENOENT))) == ENOENT);
  BOOST_TEST(error(wire::kError, Wire().u32("error", 0)) == 0);
  BOOST_TEST(error(wire::kError, Wire().u16("half a number", 1)) == EBADMSG);
  BOOST_TEST(error(wire::kError, Wire().u32("error", 0x80000000)) == EBADMSG);
  BOOST_TEST(error(wire::kDone, Wire()) == 0);
  BOOST_TEST(error(wire::kDone, Wire().u32("error", static_cast<std::uint32_t>(-EINVAL))) == EINVAL);
}

BOOST_AUTO_TEST_CASE(request_lengths) {
  RequestWriter request(20, 0x301, 123456);
  request.put(uapi::TipcRequest{30, 0, 0, 0x3fff});
  const std::uint8_t odd[] = {1, 2, 3};
  request.attribute(1, std::as_bytes(std::span(odd)));
  const Wire expected = Wire()
                            .u32("nlmsg_len", 32).u16("nlmsg_type", 20).u16("nlmsg_flags", 0x301)
                            .u32("nlmsg_seq", 123456).u32("nlmsg_pid", 0)
                            .u8("sdiag_family", 30).u8("sdiag_protocol", 0).u16("pad", 0).u32("tidiag_states", 0x3fff)
                            .u16("nla_len", 7).u16("nla_type", 1).text("value", {"\1\2\3\0", 4});
  BOOST_TEST(std::ranges::equal(request.bytes(), expected.bytes()));
}

BOOST_AUTO_TEST_SUITE_END()
