// States, timers and process names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/words.h"

#include <boost/test/unit_test.hpp>
#include <limits>

#include "compat/netstat/programs.h"

namespace duostat::netstat {
namespace {

std::string timer_of(const Socket& socket) {
  char text[kTimerTextMax];
  return std::string(text, format_timer(text, socket));
}

Socket socket_with(Protocol protocol, unsigned timer, std::uint64_t ms) {
  Socket s;
  s.protocol = protocol;
  s.state = State::established;
  s.timer = static_cast<Timer>(timer);
  s.timer_ms = ms;
  s.retransmits = 2;
  s.probes = 3;
  s.present = {Field::timer, Field::retransmits};
  return s;
}

BOOST_AUTO_TEST_SUITE(netstat_words)

BOOST_AUTO_TEST_CASE(tcp_timers) {
  const auto text = [](unsigned timer, std::uint64_t ms) { return timer_of(socket_with(Protocol::tcp, timer, ms)); };
  BOOST_TEST(text(0, 5000) == "off (0.00/2/3)");
  BOOST_TEST(text(1, 1000) == "on (1.00/2/3)");
  BOOST_TEST(text(2, 7'200'000) == "keepalive (7200.00/2/3)");
  BOOST_TEST(text(3, 58'920) == "timewait (58.92/2/3)");
  BOOST_TEST(text(4, 9) == "probe (0.00/2/3)");
  BOOST_TEST(text(4, 10) == "probe (0.01/2/3)");
  BOOST_TEST(text(7, 10) == "unkn-7 (0.01/2/3)");
}

BOOST_AUTO_TEST_CASE(datagram_timers_have_other_names_and_no_retransmits) {
  BOOST_TEST(timer_of(socket_with(Protocol::udp, 1, 1500)) == "on1 (1.50/0/3)");
  BOOST_TEST(timer_of(socket_with(Protocol::udplite, 2, 0)) == "on2 (0.00/0/3)");
  BOOST_TEST(timer_of(socket_with(Protocol::raw, 3, 0)) == "unkn-3 (0.00/2/3)");
}

BOOST_AUTO_TEST_CASE(counts_that_nobody_told_are_not_zero) {
  Socket s = socket_with(Protocol::tcp, 1, 1000);
  s.present = {Field::timer};
  BOOST_TEST(timer_of(s) == "on (1.00/-/-)");
  s.present = {Field::timer, Field::timer_count};
  s.timer_count = 5;
  BOOST_TEST(timer_of(s) == "on (1.00/5/-)");
  s.timer = Timer::probe0;
  BOOST_TEST(timer_of(s) == "probe (1.00/-/5)");
  s.timer = Timer::retransmit;
  s.state = State::syn_recv;
  BOOST_TEST(timer_of(s) == "on (1.00/5/0)");
}

BOOST_AUTO_TEST_CASE(counts_that_cannot_be_are_zero) {
  Socket s = socket_with(Protocol::tcp, 3, 1000);
  s.state = State::time_wait;
  s.present = {Field::timer};
  BOOST_TEST(timer_of(s) == "timewait (1.00/0/0)");
  s.protocol = Protocol::udp;
  s.timer = Timer::off;
  BOOST_TEST(timer_of(s) == "off (0.00/0/0)");
}

BOOST_AUTO_TEST_CASE(the_longest_timer_fits) {
  Socket s = socket_with(Protocol::tcp, 255, std::numeric_limits<std::uint64_t>::max());
  s.retransmits = s.probes = std::numeric_limits<std::uint32_t>::max();
  BOOST_TEST(timer_of(s) == "unkn-255 (18446744073709551.61/4294967295/4294967295)");
}

BOOST_AUTO_TEST_CASE(states) {
  BOOST_TEST(tcp_state(State::established) == "ESTABLISHED");
  BOOST_TEST(tcp_state(State::closing) == "CLOSING");
  BOOST_TEST(tcp_state(State::unknown) == "");
  BOOST_TEST(tcp_state(static_cast<State>(12)) == "UNKNOWN");
  BOOST_TEST(tcp_state(static_cast<State>(255)) == "UNKNOWN");
  BOOST_TEST(datagram_state(State::established) == "ESTABLISHED");
  BOOST_TEST(datagram_state(State::close) == "");
  BOOST_TEST(datagram_state(State::listen) == "UNKNOWN");
}

BOOST_AUTO_TEST_CASE(unix_words) {
  BOOST_TEST(unix_type(1) == "STREAM");
  BOOST_TEST(unix_type(5) == "SEQPACKET");
  BOOST_TEST(unix_type(0) == "UNKNOWN");
  BOOST_TEST(unix_type(6) == "UNKNOWN");
  BOOST_TEST(unix_state(1, true) == "LISTENING");
  BOOST_TEST(unix_state(1, false) == "");
  BOOST_TEST(unix_state(4, true) == "DISCONNECTING");
  BOOST_TEST(unix_state(5, false) == "UNKNOWN");
}

BOOST_AUTO_TEST_CASE(program_names) {
  BOOST_TEST(program_name("/usr/sbin/sshd") == "sshd");
  BOOST_TEST(program_name("./rel/path/prog") == "./rel/path/prog");
  BOOST_TEST(program_name("nginx: master process /usr/sbin/nginx") == "nginx: master process /usr/sbin/nginx");
  BOOST_TEST(program_name("/a b/c d") == "c d");
  BOOST_TEST(program_name("/trailing/") == "");
  BOOST_TEST(program_name("") == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::netstat
