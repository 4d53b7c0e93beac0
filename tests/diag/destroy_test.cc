// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/destroy.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <vector>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

/// The reply to request number `sequence`.
Wire answer(int error, std::uint32_t sequence = 1, std::uint32_t port_id = kPort) {
  return message(Wire().u32("error", static_cast<std::uint32_t>(-error)).zeros("the request's header", 16),
                 {.type = kError, .flags = 0, .sequence = sequence, .port_id = port_id});
}

Socket tcp_socket() {
  Socket s;
  s.protocol = Protocol::tcp;
  s.family = Family::inet;
  s.local.port = 1000;
  s.remote.port = 2000;
  s.local.address[0] = 10, s.local.address[3] = 1;
  s.remote.address[0] = 10, s.remote.address[3] = 2;
  s.ifindex = 5;
  s.cookie = 0x0000000100000007;
  return s;
}

int destroy(Script& script, const Socket& socket) {
  SocketDestroyer destroyer;
  BOOST_TEST(destroyer.open(open_script(script)) == 0);
  return destroyer.destroy(socket);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(destroy_suite)

BOOST_AUTO_TEST_CASE(request) {
  Script script;
  script.datagram(answer(0));
  BOOST_TEST(destroy(script, tcp_socket()) == 0);
  const Wire wanted =
      Wire()
          .u32("nlmsg_len", 72).u16("nlmsg_type: SOCK_DESTROY", 21).u16("nlmsg_flags: REQUEST, ACK", 5)
          .u32("nlmsg_seq", 1).u32("nlmsg_pid", 0)
          .u8("sdiag_family", 2).u8("sdiag_protocol", 6).u8("idiag_ext", 0).u8("pad", 0).u32("idiag_states", 0)
          .be16("idiag_sport", 1000).be16("idiag_dport", 2000)
          .text("idiag_src", {"\x0a\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0", 16})
          .text("idiag_dst", {"\x0a\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0", 16})
          .u32("idiag_if", 5).u32("idiag_cookie[0]", 7).u32("idiag_cookie[1]", 1);
  BOOST_TEST_REQUIRE(script.requests.size() == 1u);
  BOOST_TEST((script.requests[0] == std::vector<std::byte>(wanted.bytes().begin(), wanted.bytes().end())));
}

// A raw socket is identified by its IP protocol, in a member that is padding for others.
BOOST_AUTO_TEST_CASE(raw_protocol) {
  Script script;
  script.datagram(answer(0)).datagram(answer(0, 2));
  SocketDestroyer destroyer;
  BOOST_TEST(destroyer.open(open_script(script)) == 0);
  Socket raw = tcp_socket();
  raw.protocol = Protocol::raw;
  raw.ip_protocol = 89;
  BOOST_TEST(destroyer.destroy(raw) == 0);
  Socket mptcp = raw;
  mptcp.protocol = Protocol::mptcp;
  BOOST_TEST(destroyer.destroy(mptcp) == 0);
  BOOST_TEST_REQUIRE(script.requests.size() == 2u);
  const auto byte = [&](std::size_t request, std::size_t at) {
    return std::to_integer<int>(script.requests[request][at]);
  };
  BOOST_TEST(byte(0, 17) == 255);
  BOOST_TEST(byte(0, 19) == 89);
  BOOST_TEST(sequence_of(script.requests[1]) == 2u);
  BOOST_TEST(byte(1, 17) == 6);
  BOOST_TEST(byte(1, 19) == 0);
}

BOOST_AUTO_TEST_CASE(answers) {
  for (const int error : {EPERM, ENOENT, EOPNOTSUPP, EINVAL}) {
    Script script;
    script.datagram(answer(error));
    BOOST_TEST(destroy(script, tcp_socket()) == error);
  }
}

// Only the kernel's reply to this request counts.
BOOST_AUTO_TEST_CASE(answers_of_others) {
  Script script;
  script.datagram(answer(EPERM), 99)
      .datagram(answer(EPERM, 7))
      .datagram(answer(EPERM, 1, 12))
      .datagram(Inet{}.message())
      .datagram(Wire().u32("no message", 3))
      .datagram(answer(ENOENT));
  BOOST_TEST(destroy(script, tcp_socket()) == ENOENT);
}

BOOST_AUTO_TEST_CASE(system_calls_fail) {
  Script no_send;
  no_send.send_error = ENOBUFS;
  BOOST_TEST(destroy(no_send, tcp_socket()) == ENOBUFS);
  Script no_receive;
  no_receive.error(ENOMEM);
  BOOST_TEST(destroy(no_receive, tcp_socket()) == ENOMEM);
  Script end;
  BOOST_TEST(destroy(end, tcp_socket()) == ENODATA);
  SocketDestroyer destroyer;
  BOOST_TEST(destroyer.open([](int, OpenError& error) { return error = EMFILE, nullptr; }) == EMFILE);
  BOOST_TEST(destroyer.destroy(tcp_socket()) == EBADF);
}

BOOST_AUTO_TEST_SUITE_END()
