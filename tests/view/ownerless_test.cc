// Why sockets are shown without an owner.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/ownerless.h"

#include <boost/test/unit_test.hpp>

#include "src/model/address.h"

namespace duostat {
namespace {

Socket tcp(State state, std::uint64_t inode, std::uint16_t port = 8080) {
  Socket socket;
  socket.protocol = Protocol::tcp;
  socket.family = socket.local.family = socket.remote.family = Family::inet;
  socket.state = state;
  socket.local.port = port;
  socket.inode = inode;
  socket.present = {Field::inode};
  return socket;
}

struct Counted {
  Ownerless ownerless;
  OwnerIndex owners;  // of none
  OwnerCoverage coverage;

  Counted& add(const Socket& socket) { return ownerless.count(socket, owners), *this; }
  std::string line(bool root = true) const { return ownerless.line("ss", coverage, root); }
};

BOOST_AUTO_TEST_SUITE(ownerless)

BOOST_AUTO_TEST_CASE(nothing_to_say) { BOOST_TEST(Counted().line().empty()); }

BOOST_AUTO_TEST_CASE(sockets_that_no_process_holds) {
  Counted counted;
  counted.add(tcp(State::time_wait, 0)).add(tcp(State::established, 0)).add(tcp(State::close_wait, 0));
  counted.add(tcp(State::syn_recv, 0)).add(tcp(State::fin_wait1, 0)).add(tcp(State::established, 0, 9090));
  Socket half_closed = tcp(State::fin_wait2, 0);
  half_closed.timer = Timer::time_wait;
  counted.add(half_closed);
  BOOST_TEST(counted.line() ==
             "ss: 7 sockets without a visible owner: 2 in TIME-WAIT; 2 wait for accept() at *:8080; "
             "1 waits for accept() at *:9090; 1 half-open; 1 closed by their process, and not finished");
}

BOOST_AUTO_TEST_CASE(processes_that_may_not_be_looked_at) {
  Counted counted;
  counted.add(tcp(State::listen, 7)).add(tcp(State::listen, 8));
  BOOST_TEST(counted.line() == "ss: 2 sockets without a visible owner: 2 held by the kernel, or in a message");
  BOOST_TEST(counted.ownerless.hidden(counted.coverage) == 0u);
  counted.coverage.denied = 3;
  BOOST_TEST(counted.ownerless.hidden(counted.coverage) == 2u);
  BOOST_TEST(counted.line(false) ==
             "ss: 2 sockets without a visible owner: 2 of processes that are not visible (not root: no permission to "
             "look at 3 processes)");
  BOOST_TEST(counted.line().find("another user namespace") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(netlink_sockets_of_the_kernel) {
  Counted counted;
  Socket socket;
  socket.protocol = Protocol::netlink;
  socket.family = Family::netlink;
  socket.inode = 5;
  socket.present = {Field::inode};
  counted.coverage.denied = 1;
  counted.add(socket);
  BOOST_TEST(counted.line() == "ss: 1 socket without a visible owner: 1 held by the kernel");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
