// Rows of /proc/net/packet and /proc/net/netlink.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <string>

#include "src/procfs/netlink.h"
#include "src/procfs/packet.h"
#include "tests/procfs/collected.h"

namespace {

using namespace duostat;
using procfs::parse_netlink;
using procfs::parse_packet;
using procfs::Row;

const std::string kPacket = "00000000ec412036 3      3    88cc   2     1 2048   1000   31337 ";
const std::string kNetlink =
    "00000000bf97f096 15  4294966000 00000111 7        9        1     2        5        31337   ";

}  // namespace

BOOST_AUTO_TEST_SUITE(packet)

BOOST_AUTO_TEST_CASE(reads_every_column) {
  Socket s;
  BOOST_REQUIRE(parse_packet(kPacket, s) == Row::kept);
  BOOST_TEST((s.protocol == Protocol::packet_raw && s.family == Family::packet && s.state == State::close));
  BOOST_TEST(int{s.type} == 3);
  BOOST_TEST(s.cookie == 0xec412036u);
  BOOST_TEST(s.refcount == 3u);
  BOOST_TEST(s.local.node == 0x88ccu);
  BOOST_TEST(s.local.port == 2u);
  BOOST_TEST(s.ifindex == 2u);
  BOOST_TEST(s.rqueue == 2048u);
  BOOST_TEST(s.wqueue == 0u);
  BOOST_TEST(s.uid == 1000u);
  BOOST_TEST(s.inode == 31337u);
  BOOST_TEST((s.present == FieldSet{Field::queues, Field::uid, Field::inode, Field::cookie, Field::refcount,
                                    Field::interface}));
}

BOOST_AUTO_TEST_CASE(cut_at_every_byte) {
  for (std::size_t size = 0; size <= kPacket.size(); ++size) {
    Socket s;
    const std::string line = kPacket.substr(0, size);
    BOOST_TEST_CONTEXT(line)
    BOOST_TEST((parse_packet(line, s) == Row::kept) == (size > kPacket.find("31337")));
  }
}

BOOST_AUTO_TEST_CASE(types_that_were_asked_for) {
  const ProcDir proc(test::data("zoo"));
  const auto all = test::collect(proc, {.protocols = kPacketProtocols});
  BOOST_REQUIRE(all.rows.size() == 3u);
  BOOST_TEST((all.rows[2].socket.protocol == Protocol::packet_dgram));  // SOCK_PACKET
  BOOST_TEST(int{all.rows[2].socket.type} == 10);
  BOOST_TEST(all.rows[2].socket.uid == 4294967294u);
  BOOST_TEST(test::collect(proc, {.protocols = {Protocol::packet_raw}}).rows.size() == 1u);
  BOOST_TEST(test::collect(proc, {.protocols = kPacketProtocols, .states = mask_of(State::listen)}).rows.empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(netlink)

BOOST_AUTO_TEST_CASE(reads_every_column) {
  Socket s;
  NetlinkDetail detail;
  BOOST_REQUIRE(parse_netlink(kNetlink, s, detail) == Row::kept);
  BOOST_TEST((s.protocol == Protocol::netlink && s.family == Family::netlink && s.state == State::close));
  BOOST_TEST(s.local.node == 15u);
  BOOST_TEST(s.local.port == 4294966000u);
  BOOST_TEST(detail.groups == 0x111u);
  BOOST_TEST(s.rqueue == 7u);
  BOOST_TEST(s.wqueue == 9u);
  BOOST_TEST(s.refcount == 2u);
  BOOST_TEST(s.drops == 5u);
  BOOST_TEST(s.inode == 31337u);
  BOOST_TEST(s.cookie == 0xbf97f096u);
  BOOST_TEST(detail.socket_pointer == 0xbf97f096u);
  BOOST_TEST(detail.callback_pointer == 1u);
  BOOST_TEST((s.present == FieldSet{Field::queues, Field::inode, Field::cookie, Field::refcount, Field::drops,
                                    Field::netlink_groups}));
}

BOOST_AUTO_TEST_CASE(cut_at_every_byte) {
  const std::size_t locks = kNetlink.find(" 2 ") + 2, drops = kNetlink.find(" 5 ") + 2;
  const std::size_t inode = kNetlink.find("31337") + 1;
  for (std::size_t size = 0; size <= kNetlink.size(); ++size) {
    Socket s;
    NetlinkDetail detail;
    const std::string line = kNetlink.substr(0, size);
    BOOST_TEST_CONTEXT('"' << line << '"') {
      BOOST_TEST((parse_netlink(line, s, detail) == Row::kept) == (size >= locks));
      BOOST_TEST(s.has(Field::drops) == (size >= drops));
      BOOST_TEST(s.has(Field::inode) == (size >= inode));
    }
  }
}

BOOST_AUTO_TEST_CASE(old_kernels_print_an_address_for_the_dump) {
  Socket s;
  NetlinkDetail detail;
  const std::string idle = "ffff88003d5c4000 0   0      00000000 0        0        (null) 2        0";
  const std::string dumping = "ffff88003d5c4000 0   0      00000000 0        0        ffff88003d5c4800 2";
  BOOST_REQUIRE(parse_netlink(idle, s, detail) == Row::kept);
  BOOST_TEST(detail.callback_pointer == 0u);
  BOOST_REQUIRE(parse_netlink(dumping, s, detail) == Row::kept);
  BOOST_TEST(detail.callback_pointer == 0xffff88003d5c4800u);
}

BOOST_AUTO_TEST_CASE(a_whole_file) {
  const auto got = test::collect(ProcDir(test::data("zoo")), {.protocols = {Protocol::netlink}});
  BOOST_REQUIRE(got.rows.size() == 3u);
  BOOST_TEST(got.rows[2].netlink.groups == 2u);
  BOOST_TEST(got.rows[1].netlink.groups == 0x111u);
}

BOOST_AUTO_TEST_SUITE_END()
