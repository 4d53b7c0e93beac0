// Sums by peer, process and port.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/totals.h"

#include <boost/test/unit_test.hpp>
#include <map>
#include <tuple>

using namespace duostat;

namespace {

/// Even inodes belong to "web", odd ones to nobody.
class EvenHolders final : public Holders {
 public:
  void each(std::uint64_t, FunctionRef<bool(const Owner&)>) const override {}
  Owner first(std::uint64_t inode) const override {
    if (inode % 2 != 0) return {};
    Owner owner;
    owner.pid = static_cast<std::uint32_t>(100 + inode);
    owner.comm = "web";
    return owner;
  }
  const Process& process(std::uint32_t) const override { return process_; }

 private:
  Process process_;
};

struct MeasuredConnection {
  MeasuredConnection(std::uint8_t last, std::uint32_t port, std::uint64_t inode, std::uint64_t bytes) {
    socket.protocol = Protocol::tcp;
    socket.family = socket.remote.family = Family::inet;
    socket.state = State::established;
    socket.remote.address = {10, 0, 0, last};
    socket.local.port = port;
    socket.inode = inode;
    socket.present = {Field::inode, Field::tcp_info};
    TcpInfo info{};
    info.bytes_sent = bytes, info.bytes_received = 1, info.bytes_retrans = bytes / 10;
    detail.tcp_info.assign(std::as_bytes(std::span(&info, 1)));
    socket.inet = &detail;
  }
  MeasuredConnection(const MeasuredConnection&) = delete;
  InetDetail detail{};
  Socket socket;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(totals)

BOOST_AUTO_TEST_CASE(sums_by_peer_process_and_listening_port) {
  Totals totals;
  const EvenHolders holders;
  totals.add_listener(80);
  for (const auto& [last, port, inode, bytes] :
       std::initializer_list<std::tuple<std::uint8_t, std::uint32_t, std::uint64_t, std::uint64_t>>{
           {1, 80, 2, 100}, {1, 80, 4, 50}, {2, 5555, 3, 9000}}) {
    const MeasuredConnection connection(last, port, inode, bytes);
    totals.add(connection.socket, holders);
  }
  const auto peers = totals.peers(TotalOrder::sockets, 5);
  BOOST_REQUIRE(peers.size() == 2U);
  BOOST_TEST(peers[0].name == "10.0.0.1");
  BOOST_TEST(peers[0].total.sockets == 2U);
  BOOST_TEST(peers[0].total.sent == 150U);
  BOOST_TEST(peers[0].total.retransmitted == 15U);
  BOOST_TEST(totals.peers(TotalOrder::bytes, 1)[0].name == "10.0.0.2");
  const auto processes = totals.processes(TotalOrder::sockets, 5);
  BOOST_REQUIRE(processes.size() == 1U);
  BOOST_TEST(processes[0].pid == 102U);  // the lowest
  BOOST_TEST(totals.hidden() == 1U);
  const auto ports = totals.ports(TotalOrder::sockets, 5);
  BOOST_REQUIRE(ports.size() == 1U);  // 5555 is a client's
  BOOST_TEST(ports[0].name == "80");
  BOOST_TEST(totals.all().sockets == 3U);
  BOOST_TEST(totals.all().sent == 9150U);
}

BOOST_AUTO_TEST_CASE(a_mapped_address_is_the_ipv4_address) {
  Totals totals;
  const EvenHolders holders;
  MeasuredConnection connection(1, 80, 2, 100);
  totals.add(connection.socket, holders);
  connection.socket.family = connection.socket.remote.family = Family::inet6;
  connection.socket.remote.address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
  totals.add(connection.socket, holders);
  BOOST_TEST(totals.peers(TotalOrder::sockets, 5).size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_kernel_s_own_sockets_have_no_hidden_owner) {
  Totals totals;
  const MeasuredConnection connection(1, 80, 0, 100);
  totals.add(connection.socket, EvenHolders());
  BOOST_TEST(totals.hidden() == 0U);
  BOOST_TEST(totals.processes(TotalOrder::sockets, 5).empty());
}

BOOST_AUTO_TEST_CASE(sockets_without_counters_are_not_measured) {
  Totals totals;
  const EvenHolders holders;
  MeasuredConnection connection(1, 80, 2, 100);
  connection.socket.present = {Field::inode};
  totals.add(connection.socket, holders);
  const auto peers = totals.peers(TotalOrder::sockets, 5);
  BOOST_TEST(peers[0].total.sockets == 1U);
  BOOST_TEST(peers[0].total.measured == 0U);
  BOOST_TEST(peers[0].total.sent == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
