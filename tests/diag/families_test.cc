// The tables of AF_NETLINK, AF_PACKET, AF_VSOCK, AF_TIPC and AF_XDP.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <bit>
#include <boost/test/unit_test.hpp>
#include <vector>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

template <class See>
Coverage see_one(ProtocolSet protocols, const Wire& payload, See see, FieldSet wanted = everything()) {
  Script script;
  script.datagram(message(payload)).datagram(done());
  unsigned rows = 0;
  const Coverage c = run(script, query(protocols, wanted), [&](const Socket& s) { ++rows, see(s); });
  BOOST_TEST(rows == 1u);
  return c;
}

/// Returns the body of the request for `q`, and checks that it has `length` bytes.
std::vector<std::byte> request_body(const Query& q) {
  Script script;
  script.datagram(done());
  run(script, q);
  BOOST_REQUIRE(script.requests.size() == 1u);
  return {script.requests[0].begin() + 16, script.requests[0].end()};
}
Wire show_request(std::uint8_t family, std::uint8_t protocol, std::uint32_t show) {
  return Wire()
      .u8("sdiag_family", family).u8("sdiag_protocol", protocol).u16("pad", 0).u32("ino", 0).u32("show", show)
      .zeros("cookie", 8);
}
void expect(const std::vector<std::byte>& seen, const Wire& expected) {
  BOOST_TEST(std::ranges::equal(Bytes(seen), expected.bytes()));
}
void count_malformed(ProtocolSet protocols, const Wire& fixed, std::uint16_t type, std::size_t smallest) {
  BOOST_TEST_CONTEXT("attribute " << type) {
    for (const auto& [length, malformed] : {std::pair{smallest - 1, 1u}, {smallest, 0u}, {smallest + 64, 0u}})
      BOOST_TEST(see_one(protocols, Wire().append(fixed).attribute(type, Wire().zeros("", length)), [](const Socket&) {
                 }).malformed == malformed);
  }
}
const Wire kNineWords = Wire().words("sk_meminfo", {10, 20, 30, 40, 50, 60, 70, 80, 90});
void broken(const char* why) { BOOST_ERROR(why); }

}  // namespace

BOOST_AUTO_TEST_SUITE(netlink)

static Wire fixed() {
  return Wire()
      .u8("ndiag_family", 16).u8("ndiag_type", 3).u8("ndiag_protocol", 15).u8("ndiag_state", 7)
      .u32("ndiag_portid", 4711).u32("ndiag_dst_portid", 12).u32("ndiag_dst_group", 13).u32("ndiag_ino", 99)
      .u32("ndiag_cookie[0]", 1).u32("ndiag_cookie[1]", 0);
}

BOOST_AUTO_TEST_CASE(request) {
  expect(request_body(query({Protocol::netlink}, {Field::queues, Field::netlink_groups})), show_request(16, 255, 3));
  expect(request_body(query({Protocol::netlink}, {Field::inode})), show_request(16, 255, 0));
}

BOOST_AUTO_TEST_CASE(row) {
  // One unsigned long, or two.
  constexpr bool kHighWordFirst = std::endian::native == std::endian::big && sizeof(long) == 8;
  const Wire groups =
      kHighWordFirst ? Wire().words("groups", {5, 0x80000001}) : Wire().words("groups", {0x80000001, 5});
  const Wire attributes = Wire().attribute(0, kNineWords).attribute(1, groups).attribute(4, Wire().u32("", 1));
  const Coverage c = see_one({Protocol::netlink}, fixed().append(attributes), [](const Socket& s) {
    BOOST_TEST((s.protocol == Protocol::netlink && s.family == Family::netlink && s.state == State::close));
    BOOST_TEST(s.local.node == 15u);
    BOOST_TEST(s.local.port == 4711u);
    BOOST_TEST(s.remote.port == 12u);
    BOOST_TEST(s.remote.node == 13u);
    BOOST_TEST(s.inode == 99u);
    BOOST_TEST(s.rqueue == 10u);
    BOOST_TEST(s.wqueue == 30u);
    BOOST_TEST(s.drops == 90u);
    BOOST_TEST(s.netlink->groups == 0x80000001u);
    BOOST_TEST(s.netlink->memory.skmem_words == 9u);
    BOOST_TEST((s.present == FieldSet{Field::inode, Field::cookie, Field::queues, Field::skmem, Field::drops,
                                      Field::netlink_groups}));
  });
  BOOST_TEST(c.unknown == 0u);
}

BOOST_AUTO_TEST_CASE(no_bitmap_means_no_group) {
  see_one({Protocol::netlink}, fixed(), [](const Socket& s) {
    BOOST_TEST(s.has(Field::netlink_groups));
    BOOST_TEST(s.netlink->groups == 0u);
    BOOST_TEST(!s.has(Field::queues));
  });
}

BOOST_AUTO_TEST_CASE(damage) {
  count_malformed({Protocol::netlink}, fixed(), 0, 28);
  count_malformed({Protocol::netlink}, fixed(), 1, 4);
  survive(query({Protocol::netlink}, everything()),
          message(fixed().attribute(0, kNineWords).attribute(1, Wire().u32("", 1))), broken);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(packet)

static Wire fixed(std::uint8_t type = 3) {
  return Wire()
      .u8("pdiag_family", 17).u8("pdiag_type", type).u16("pdiag_num", 0x0800).u32("pdiag_ino", 77)
      .u32("pdiag_cookie[0]", 1).u32("pdiag_cookie[1]", 0);
}
static Wire info() {
  return Wire()
      .u32("pdi_index", 2).u32("pdi_version", 1).u32("pdi_reserve", 0).u32("pdi_copy_thresh", 9).u32("pdi_tstamp", 0)
      .u32("pdi_flags", 5);
}

BOOST_AUTO_TEST_CASE(request) {
  expect(request_body(query({Protocol::packet_raw}, {Field::packet_rings, Field::packet_fanout, Field::queues,
                                                     Field::packet_filter})),
         show_request(17, 0, 0x3d));
  // The interface is half of the identity.
  expect(request_body(query({Protocol::packet_raw})), show_request(17, 0, 0x01));
}

BOOST_AUTO_TEST_CASE(row) {
  const Wire attributes = Wire()
                              .attribute(0, info())
                              .attribute(2, Wire().words("packet_diag_ring", {1, 2, 3, 4, 5, 6, 7}))
                              .attribute(3, Wire().words("packet_diag_ring", {11, 12, 13, 14, 15, 16, 17}))
                              .attribute(4, Wire().u32("fanout", 0x10007))
                              .attribute(5, Wire().u32("uid", 1000))
                              .attribute(6, kNineWords)
                              .attribute(7, Wire().words("sock_filter", {0x06, 0xffff}));
  const Coverage c = see_one(kPacketProtocols, fixed().append(attributes), [](const Socket& s) {
    BOOST_TEST((s.protocol == Protocol::packet_raw && s.family == Family::packet && s.state == State::close));
    BOOST_TEST(s.local.node == 0x0800u);
    BOOST_TEST(s.local.port == 2u);
    BOOST_TEST(s.ifindex == 2u);
    BOOST_TEST(s.inode == 77u);
    BOOST_TEST(s.uid == 1000u);
    BOOST_TEST(s.rqueue == 10u);
    BOOST_TEST(s.wqueue == 0u);
    const PacketDetail& d = *s.packet;
    BOOST_TEST(d.version == 1u);
    BOOST_TEST(d.copy_thresh == 9u);
    BOOST_TEST(d.flags == 5u);
    BOOST_REQUIRE(d.rx_ring != nullptr);
    BOOST_REQUIRE(d.tx_ring != nullptr);
    BOOST_TEST(d.rx_ring->block_size == 1u);
    BOOST_TEST(d.rx_ring->retire_tmo == 5u);
    BOOST_TEST(d.tx_ring->features == 17u);
    BOOST_TEST(d.has_fanout);
    BOOST_TEST(d.fanout == 0x10007u);
    BOOST_TEST(d.has_filter);
    BOOST_TEST(d.filter.size() == 8u);
  });
  BOOST_TEST(c.unknown == 0u);
}

BOOST_AUTO_TEST_CASE(nothing_optional) {
  see_one(kPacketProtocols, fixed(2).attribute(7, Wire()), [](const Socket& s) {
    BOOST_TEST((s.protocol == Protocol::packet_dgram));
    BOOST_TEST(s.packet->rx_ring == nullptr);
    BOOST_TEST(!s.packet->has_fanout);
    BOOST_TEST(s.packet->has_filter);  // an empty program, which is what callers without CAP_NET_ADMIN get
    BOOST_TEST(s.packet->filter.empty());
    BOOST_TEST((s.present == FieldSet{Field::inode, Field::cookie, Field::packet_filter}));
  });
}

BOOST_AUTO_TEST_CASE(both_types_come_whichever_is_asked_for) {
  see_one({Protocol::packet_raw}, fixed(2),
          [](const Socket& s) { BOOST_TEST((s.protocol == Protocol::packet_dgram)); });
}

BOOST_AUTO_TEST_CASE(damage) {
  const std::pair<std::uint16_t, std::size_t> smallest[] = {{0, 24}, {2, 28}, {3, 28}, {4, 4}, {5, 4}, {6, 28}};
  for (const auto& [type, size] : smallest) count_malformed(kPacketProtocols, fixed(), type, size);
  survive(query(kPacketProtocols, everything()),
          message(fixed().attribute(0, info()).attribute(2, Wire().zeros("", 28))), broken);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(vsock)

static Wire fixed(std::uint8_t type = 1) {
  return Wire()
      .u8("vdiag_family", 40).u8("vdiag_type", type).u8("vdiag_state", 1).u8("vdiag_shutdown", 2)
      .u32("vdiag_src_cid", 2).u32("vdiag_src_port", 1024).u32("vdiag_dst_cid", 3).u32("vdiag_dst_port", 0xffffffff)
      .u32("vdiag_ino", 55).u32("vdiag_cookie[0]", 1).u32("vdiag_cookie[1]", 2);
}

BOOST_AUTO_TEST_CASE(request) {
  Query q = query(kVsockProtocols);
  q.states = 0x480;
  expect(request_body(q), Wire()
                              .u8("sdiag_family", 40).u8("sdiag_protocol", 0).u16("pad", 0).u32("vdiag_states", 0x480)
                              .u32("vdiag_ino", 0).u32("vdiag_show", 0).zeros("vdiag_cookie", 8));
}

BOOST_AUTO_TEST_CASE(row) {
  see_one(kVsockProtocols, fixed(), [](const Socket& s) {
    BOOST_TEST((s.protocol == Protocol::vsock_stream && s.family == Family::vsock && s.state == State::established));
    BOOST_TEST(s.local.node == 2u);
    BOOST_TEST(s.local.port == 1024u);
    BOOST_TEST(s.remote.node == 3u);
    BOOST_TEST(s.remote.port == 0xffffffffu);
    BOOST_TEST(s.shutdown == 2);
    BOOST_TEST(s.inode == 55u);
    BOOST_TEST(s.cookie == 0x200000001u);
    BOOST_TEST((s.present == FieldSet{Field::inode, Field::cookie, Field::shutdown}));
  });
}

BOOST_AUTO_TEST_CASE(types_not_asked_for_are_dropped) {
  Script script;
  script.datagram(Wire().append(message(fixed(1))).append(message(fixed(2)))).datagram(done());
  BOOST_TEST(run(script, query({Protocol::vsock_dgram})).rows == 1u);
}

BOOST_AUTO_TEST_CASE(a_type_without_a_table_is_in_every_one) {
  for (const Protocol protocol : {Protocol::vsock_stream, Protocol::vsock_dgram})
    see_one({protocol}, fixed(5), [](const Socket& s) { BOOST_TEST(s.type == 5); });
}

BOOST_AUTO_TEST_CASE(damage) { survive(query(kVsockProtocols), message(fixed()), broken); }

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(tipc)

static Wire sock() {
  return Wire()
      .attribute(6, Wire().u32("TIPC_NLA_SOCK_TYPE", 5))
      .attribute(7, Wire().u32("TIPC_NLA_SOCK_INO", 1234))
      .attribute(8, Wire().u32("TIPC_NLA_SOCK_UID", 1000))
      .attribute(10, Wire().u64("TIPC_NLA_SOCK_COOKIE", 0xabc))
      .attribute(9, Wire().u32("TIPC_NLA_SOCK_TIPC_STATE", 1))
      .attribute(1, Wire().u32("TIPC_NLA_SOCK_ADDR", 0x1001001))
      .attribute(2, Wire().u32("TIPC_NLA_SOCK_REF", 77))
      .attribute(3, Wire()
                        .attribute(2, Wire().u32("TIPC_NLA_CON_NODE", 0x1001002))
                        .attribute(3, Wire().u32("TIPC_NLA_CON_SOCK", 88))
                        .attribute(1, Wire())
                        .attribute(4, Wire().u32("TIPC_NLA_CON_TYPE", 18888))
                        .attribute(5, Wire().u32("TIPC_NLA_CON_INST", 17)))
      .attribute(5, Wire()
                        .attribute(0, Wire().u32("TIPC_NLA_SOCK_STAT_RCVQ", 3))
                        .attribute(1, Wire().u32("TIPC_NLA_SOCK_STAT_SENDQ", 4))
                        .attribute(2, Wire())
                        .attribute(4, Wire().u32("TIPC_NLA_SOCK_STAT_DROP", 6)));
}

BOOST_AUTO_TEST_CASE(request) {
  Query q = query({Protocol::tipc});
  q.states = 0x502;
  expect(request_body(q),
         Wire().u8("sdiag_family", 30).u8("sdiag_protocol", 0).u16("pad", 0).u32("tidiag_states", 0x502));
}

BOOST_AUTO_TEST_CASE(row) {
  const Coverage c = see_one({Protocol::tipc}, Wire().attribute(0x8000 | 2, sock()), [](const Socket& s) {
    BOOST_TEST((s.protocol == Protocol::tipc && s.family == Family::tipc && s.state == State::established));
    BOOST_TEST(s.type == 5);
    BOOST_TEST(s.inode == 1234u);
    BOOST_TEST(s.uid == 1000u);
    BOOST_TEST(s.cookie == 0xabcu);
    BOOST_TEST(s.local.node == 0x1001001u);
    BOOST_TEST(s.local.port == 77u);
    BOOST_TEST(s.remote.node == 0x1001002u);
    BOOST_TEST(s.remote.port == 88u);
    BOOST_TEST(s.rqueue == 3u);
    BOOST_TEST(s.wqueue == 4u);
    const TipcDetail& d = *s.tipc;
    BOOST_TEST(d.has_connection);
    BOOST_TEST(d.has_via);
    BOOST_TEST(d.via_type == 18888u);
    BOOST_TEST(d.via_instance == 17u);
    BOOST_TEST(d.link_congested);
    BOOST_TEST(!d.conn_congested);
    BOOST_TEST(!d.has_publication);
    BOOST_TEST(d.drop == 6u);
    BOOST_TEST((s.present ==
                FieldSet{Field::tipc_info, Field::inode, Field::uid, Field::cookie, Field::queues}));
  });
  BOOST_TEST(c.unknown == 0u);
  BOOST_TEST(c.malformed == 0u);
}

BOOST_AUTO_TEST_CASE(damage) {
  BOOST_TEST(see_one({Protocol::tipc}, Wire().attribute(2, Wire().attribute(7, Wire().u16("", 1))), [](const Socket&) {
             }).malformed == 1u);
  BOOST_TEST(see_one({Protocol::tipc}, Wire().attribute(2, Wire().attribute(kAttributeNumbers - 1, Wire())),
                     [](const Socket&) {})
                 .unknown == 1u);
  survive(query({Protocol::tipc}), message(Wire().attribute(2, sock())), broken);
}

BOOST_AUTO_TEST_CASE(an_empty_message_is_of_a_state_not_asked_for) {
  Script script;
  script.datagram(Wire().append(message(Wire())).append(message(Wire().attribute(0x8000 | 2, sock()))))
      .datagram(done());
  const Coverage coverage = run(script, query({Protocol::tipc}));
  BOOST_TEST(coverage.rows == 1u);
  BOOST_TEST(coverage.malformed == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(xdp)

static Wire fixed() {
  return Wire()
      .u8("xdiag_family", 44).u8("xdiag_type", 3).u16("pad", 0).u32("xdiag_ino", 66).u32("xdiag_cookie[0]", 1)
      .u32("xdiag_cookie[1]", 0);
}

BOOST_AUTO_TEST_CASE(request) {
  expect(request_body(query({Protocol::xdp}, {Field::xdp_info, Field::queues})), show_request(44, 0, 0x1f));
  expect(request_body(query({Protocol::xdp})), show_request(44, 0, 0x01));
}

BOOST_AUTO_TEST_CASE(row) {
  const Wire attributes =
      Wire()
          .attribute(1, Wire().u32("ifindex", 4).u32("queue_id", 1))
          .attribute(2, Wire().u32("uid", 1000))
          .attribute(3, Wire().u32("entries", 64))
          .attribute(4, Wire().u32("entries", 128))
          .attribute(5, Wire().u64("size", 4096).words("id num_pages chunk_size headroom ifindex queue_id flags refs",
                                                       {1, 2, 3, 4, 5, 6, 7, 8}))
          .attribute(6, Wire().u32("entries", 256))
          .attribute(8, kNineWords)
          .attribute(9, Wire().u64("rx_dropped", 1).u64("rx_invalid", 2).u64("rx_full", 3).u64("fill_empty", 4)
                            .u64("tx_invalid", 5).u64("tx_empty", 6));
  const Coverage c = see_one({Protocol::xdp}, fixed().append(attributes), [](const Socket& s) {
    BOOST_TEST((s.protocol == Protocol::xdp && s.family == Family::xdp && s.state == State::close));
    BOOST_TEST(s.ifindex == 4u);
    BOOST_TEST(s.local.port == 1u);
    BOOST_TEST(s.inode == 66u);
    BOOST_TEST(s.uid == 1000u);
    BOOST_TEST(s.rqueue == 10u);
    const XdpDetail& d = *s.xdp;
    BOOST_TEST((d.has_rx && d.has_tx && d.has_umem && d.has_fill && !d.has_completion && d.has_stats));
    BOOST_TEST(d.rx_entries == 64u);
    BOOST_TEST(d.tx_entries == 128u);
    BOOST_TEST(d.fill_entries == 256u);
    BOOST_TEST(d.umem.size == 4096u);
    BOOST_TEST(d.umem.id == 1u);
    BOOST_TEST(d.umem.refs == 8u);
    BOOST_TEST(d.stats.rx_dropped == 1u);
    BOOST_TEST(d.stats.tx_empty == 6u);
  });
  BOOST_TEST(c.unknown == 0u);
}

BOOST_AUTO_TEST_CASE(damage) {
  const std::pair<std::uint16_t, std::size_t> smallest[] = {{1, 8}, {2, 4},  {3, 4},  {4, 4}, {5, 40},
                                                            {6, 4}, {7, 4}, {8, 28}, {9, 48}};
  for (const auto& [type, size] : smallest) count_malformed({Protocol::xdp}, fixed(), type, size);
  survive(query({Protocol::xdp}, everything()), message(fixed().attribute(3, Wire().u32("", 1))), broken);
}

BOOST_AUTO_TEST_SUITE_END()
