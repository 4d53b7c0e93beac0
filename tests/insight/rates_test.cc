// Rates of connections from the counters of two looks.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/rates.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace duostat {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

/// A connection whose counters are those of the last call.
struct Connection {
  InetDetail detail{};
  Socket socket{};

  Connection(std::uint64_t cookie, std::uint64_t sent, std::uint64_t received) {
    detail.tcp_info.value.bytes_acked = sent;
    detail.tcp_info.value.bytes_received = received;
    detail.tcp_info.length = sizeof(TcpInfo);
    socket.protocol = Protocol::tcp;
    socket.state = State::established;
    socket.cookie = cookie;
    socket.inet = &detail;
    socket.present = {Field::cookie, Field::tcp_info};
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
};

BOOST_AUTO_TEST_SUITE(rates)

BOOST_AUTO_TEST_CASE(the_difference_of_two_looks_a_second) {
  RateTable rates;
  rates.begin_look(kSecond);
  rates.add(Connection(1, 100, 1000).socket);
  rates.add(Connection(2, 7, 7).socket);
  rates.end_look(true);
  BOOST_TEST(!rates.of(Connection(1, 100, 1000).socket).has_value());  // one look
  rates.begin_look(3 * kSecond);
  const Connection now(1, 300, 5000), idle(2, 7, 7);
  BOOST_TEST(rates.of(now.socket).value().sent == 100);
  BOOST_TEST(rates.of(now.socket).value().received == 2000);
  BOOST_TEST(rates.of(idle.socket).value().sent == 0);
}

BOOST_AUTO_TEST_CASE(a_new_connection_counts_from_its_beginning_if_the_look_before_was_whole) {
  for (const bool whole : {true, false}) {
    RateTable rates;
    rates.begin_look(kSecond);
    rates.end_look(whole);
    rates.begin_look(2 * kSecond);
    const Connection added(1, 50, 60);
    BOOST_TEST(rates.of(added.socket).has_value() == whole);
    if (whole) BOOST_TEST(rates.of(added.socket).value().received == 60);
  }
}

BOOST_AUTO_TEST_CASE(absent_counters_have_no_rate) {
  RateTable rates;
  rates.begin_look(kSecond);
  rates.end_look(true);
  rates.begin_look(2 * kSecond);
  Connection text(1, 50, 60), old(2, 50, 60), listener(3, 50, 60), udp(4, 50, 60);
  text.socket.present = {Field::cookie};
  old.detail.tcp_info.length = offsetof(TcpInfo, bytes_acked);
  listener.socket.state = State::listen;
  udp.socket.protocol = Protocol::udp;
  for (const Connection* c : {&text, &old, &listener, &udp}) BOOST_TEST(!rates.of(c->socket).has_value());
}

BOOST_AUTO_TEST_CASE(counters_that_shrink_have_no_rate) {
  RateTable rates;
  rates.begin_look(kSecond);
  rates.add(Connection(1, 100, 100).socket);
  rates.end_look(true);
  rates.begin_look(2 * kSecond);
  BOOST_TEST(!rates.of(Connection(1, 99, 100).socket).has_value());
  rates.clear();
  rates.begin_look(3 * kSecond);
  BOOST_TEST(!rates.of(Connection(1, 300, 300).socket).has_value());
}

std::string ended_of(const RateTable& rates) {
  std::string text;
  rates.each_ended([&](const Socket& socket) {
    const std::optional<ByteRate> rate = rates.of(socket);
    text += std::to_string(socket.cookie) + ":" + (rate ? std::to_string(static_cast<int>(rate->sent)) : "-") + " ";
  });
  return text;
}

BOOST_AUTO_TEST_CASE(connections_that_ended_have_the_bytes_since_they_were_seen) {
  RateTable rates;
  rates.begin_look(kSecond);
  rates.add(Connection(1, 100, 0).socket);
  rates.end_look(true);
  rates.add_ended(Connection(1, 150, 0).socket);
  rates.add_ended(Connection(2, 70, 0).socket);  // opened and closed between two looks
  BOOST_TEST(ended_of(rates) == "");             // of the next look
  rates.begin_look(2 * kSecond);
  BOOST_TEST(ended_of(rates) == "1:50 2:70 ");
  rates.end_look(true);
  rates.begin_look(3 * kSecond);
  BOOST_TEST(ended_of(rates) == "");
}

BOOST_AUTO_TEST_CASE(an_end_that_is_told_late_does_not_count_all_bytes_again) {
  RateTable rates;
  rates.begin_look(kSecond);
  rates.add(Connection(1, 1'000'000, 0).socket);
  rates.end_look(true);
  rates.begin_look(2 * kSecond);  // the connection is no row any more, and its end message has not arrived
  rates.end_look(true);
  rates.add_ended(Connection(1, 1'000'010, 0).socket);
  rates.begin_look(3 * kSecond);
  BOOST_TEST(ended_of(rates) == "1:10 ");
}

BOOST_AUTO_TEST_CASE(an_ended_connection_after_a_look_that_was_not_whole_has_no_rate) {
  RateTable rates;
  rates.begin_look(kSecond);
  rates.end_look(false);
  rates.add_ended(Connection(2, 70, 0).socket);
  rates.begin_look(2 * kSecond);
  BOOST_TEST(ended_of(rates) == "2:- ");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
