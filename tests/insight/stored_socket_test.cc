// Copies of sockets that outlive their batch: every present field is present in the copy, and its pointers refer to the
// copy's own memory.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/stored_socket.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>

#include "tests/insight/sample.h"

using namespace duostat;

namespace {

constexpr unsigned kFields = static_cast<unsigned>(Field::count_);
constexpr std::size_t kSockaddr = 128;

/// A batch: one socket with every detail, whose text and bytes are in memory that is freed with it.
struct Batch {
  Batch(Protocol protocol, FieldSet present) : pending{5, 6} {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>('a' + i % 26);
    bytes[0] = bytes[kSockaddr] = 2, bytes[1] = bytes[kSockaddr + 1] = 0;  // AF_INET
    const Bytes all = std::as_bytes(std::span(bytes));
    const std::string_view text(bytes.data(), bytes.size());
    inet.tcp_info.length = sizeof(TcpInfo);
    inet.tcp_info.value.rtt = 150'000;
    inet.mptcp_info.length = sizeof(MptcpInfo);
    inet.congestion = text.substr(2, 5);
    inet.sctp_info = all;
    inet.local_addresses = inet.peer_addresses = all.first(2 * kSockaddr);
    inet.md5_keys = inet.ulp = inet.bpf_storages = all.first(100);
    inet.tcp_procfs.extra = text.substr(3, 7);
    inet.memory.skmem_words = 9;
    unix_domain.name = text.substr(4, 9);
    unix_domain.pending = pending;
    packet.filter = all.first(16);
    packet.has_filter = packet.has_fanout = true;
    packet.rx_ring = &ring;
    packet.tx_ring = &ring;
    xdp.has_rx = xdp.has_umem = xdp.has_stats = true;
    tipc.type = 5;
    socket.protocol = protocol;
    for (const ProtocolRow& row : kProtocols)
      if (row.protocol == protocol)
        for (unsigned f = 0; f < 64; ++f)
          if (row.families.has(static_cast<Family>(f))) socket.family = static_cast<Family>(f);
    socket.state = State::established;
    socket.inode = 77;
    socket.present = present;
    socket.inet = &inet;
    socket.unix_domain = &unix_domain;
    socket.packet = &packet;
    socket.netlink = &netlink;
    socket.tipc = &tipc;
    socket.xdp = &xdp;
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::array<char, 1024> bytes{};
  std::vector<std::uint32_t> pending;
  PacketRing ring{1, 2, 3, 4, 5, 6, 7};
  InetDetail inet{};
  UnixDetail unix_domain;
  PacketDetail packet{};
  NetlinkDetail netlink{};
  TipcDetail tipc;
  XdpDetail xdp;
  Socket socket;
};

/// Every column, as JSON.
std::string shown(const Socket& socket) {
  test::Sample sample;
  std::vector<const Column*> all;
  for (const Column& c : columns()) all.push_back(&c);
  StringSink sink;
  Output out(sink);
  Json json(out);
  json.begin_object();
  Members(all).put(json, sample.context, socket);
  json.end_object();
  out.flush();
  return sink.text;
}

/// Members that views read without a column.
std::string details(const Socket& s) {
  std::string text;
  const auto add = [&](Field field, Bytes bytes) {
    if (s.has(field)) text.append(name_of(field)).append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  const auto chars = [](std::string_view v) { return std::as_bytes(std::span(v)); };
  InetDetail inet = *s.inet;
  each_view(inet, [&](Field field, auto& view) { add(field, std::as_bytes(std::span(view))); });
  add(Field::unix_name, chars(s.unix_domain->name));
  add(Field::unix_pending, std::as_bytes(s.unix_domain->pending));
  add(Field::packet_filter, s.packet->filter);
  add(Field::packet_rings, std::as_bytes(std::span(s.packet->rx_ring, 1)));
  add(Field::packet_rings, std::as_bytes(std::span(s.packet->tx_ring, 1)));
  return text;
}

FieldSet every_field() {
  FieldSet all;
  for (unsigned i = 0; i < kFields; ++i) all.add(static_cast<Field>(i));
  return all;
}

void store_and_compare(Protocol protocol, FieldSet present) {
  auto batch = std::make_unique<Batch>(protocol, present);
  const std::string columns_before = shown(batch->socket), details_before = details(batch->socket);
  const StoredSocket stored(batch->socket);
  const Socket& copy = stored.socket();
  BOOST_REQUIRE(copy.inet != nullptr);
  batch->bytes.fill('#');
  batch.reset();
  BOOST_TEST(shown(copy) == columns_before);
  BOOST_TEST(details(copy) == details_before);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stored_sockets)

BOOST_AUTO_TEST_CASE(every_field_of_every_protocol_survives_its_batch) {
  for (const ProtocolRow& row : kProtocols)
    for (unsigned i = 0; i < kFields; ++i)
      BOOST_TEST_CONTEXT(row.id << " with " << name_of(static_cast<Field>(i)))
      store_and_compare(row.protocol, {static_cast<Field>(i)});
}

BOOST_AUTO_TEST_CASE(all_fields_at_once_and_none) {
  for (const ProtocolRow& row : kProtocols) {
    store_and_compare(row.protocol, every_field());
    store_and_compare(row.protocol, {});
  }
}

BOOST_AUTO_TEST_CASE(what_is_left_over_of_an_absent_field_is_not_read) {
  auto batch = std::make_unique<Batch>(Protocol::tcp, FieldSet{Field::tos});
  // Of another batch.
  batch->inet.ulp = batch->inet.local_addresses = Bytes(reinterpret_cast<const std::byte*>(16), 4096);
  batch->inet.congestion = std::string_view(reinterpret_cast<const char*>(16), 4096);
  const StoredSocket stored(batch->socket);
  BOOST_TEST(stored.socket().inet->ulp.empty());
  BOOST_TEST(stored.socket().inet->local_addresses.empty());
  BOOST_TEST(stored.socket().inet->congestion.empty());
}

BOOST_AUTO_TEST_SUITE_END()
