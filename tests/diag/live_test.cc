// The running kernel: transport and tables, compared with sockets that the test opened.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include "src/diag/diag_backend.h"
#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

bool have_sock_diag() {
  DiagBackend backend(open_netlink);
  return backend.collect(query({Protocol::tcp}), [](std::span<const Socket>) { return true; }).error == 0;
}
boost::test_tools::assertion_result sock_diag(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result answer(have_sock_diag());
  answer.message() << "this kernel has no inet_diag";
  return answer;
}

/// A listening TCP socket on 127.0.0.1, with its port.
struct Listener {
  Fd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::uint16_t port = 0;
  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    BOOST_REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
    BOOST_REQUIRE(::listen(fd.get(), 17) == 0);
    BOOST_REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port = ntohs(address.sin_port);
  }
};

/// The inode of the row of /proc/net/tcp that listens on `port`; 0 if there is none.
std::uint64_t procfs_inode(std::uint16_t port) {
  std::ifstream file("/proc/net/tcp");
  std::string line;
  char local[64];
  std::snprintf(local, sizeof local, " %08X:%04X 00000000:0000 0A ", static_cast<unsigned>(htonl(INADDR_LOOPBACK)),
                static_cast<unsigned>(port));
  while (std::getline(file, line)) {
    if (line.find(local) == std::string::npos) continue;
    unsigned long long inode = 0;
    std::sscanf(line.c_str(), "%*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &inode);
    return inode;
  }
  return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(live, *boost::unit_test::precondition(sock_diag))

BOOST_AUTO_TEST_CASE(listener_as_proc_net_tcp_has_it) {
  const Listener listener;
  DiagBackend backend(open_netlink);
  unsigned found = 0;
  const Coverage c = backend.collect(query({Protocol::tcp}, everything()), [&](std::span<const Socket> batch) {
    for (const Socket& s : batch) {
      if (s.local.port != listener.port || s.state != State::listen) continue;
      ++found;
      BOOST_TEST((s.local.address == Address{127, 0, 0, 1}));
      BOOST_TEST(s.inode == procfs_inode(listener.port));
      BOOST_TEST(s.uid == ::geteuid());
      BOOST_TEST(s.rqueue == 0u);
      BOOST_TEST(s.backlog_limit == 17u);
      BOOST_TEST(s.has(Field::tcp_info));
      BOOST_TEST(s.has(Field::skmem));
      BOOST_TEST(s.inet->tcp_info.value.state == 10);
      BOOST_TEST(s.inet->tcp_info.value.sacked == 17u);
    }
    return true;
  });
  BOOST_TEST(found == 1u);
  BOOST_TEST(c.error == 0);
  BOOST_TEST(c.malformed == 0u);
  BOOST_TEST(c.unknown == 0u);
}

BOOST_AUTO_TEST_CASE(request_of_before_sock_diag_is_still_answered) {
  const Listener listener;
  OpenError error;
  const auto transport = open_netlink(uapi::kNetlinkSockDiag, error);
  BOOST_REQUIRE(transport != nullptr);
  ReceiveBuffer buffer;
  Coverage coverage;
  bool found = false;
  Dump dump(*transport, buffer, [](std::span<const Socket>) { return true; }, coverage);
  uapi::InetRequestLegacy body{};
  body.family = 2;
  body.states = kAllStates;
  RequestWriter request(uapi::kTcpDiagGetSock, uapi::kDumpFlags, kDiagSequence);
  request.put(body);
  dump.run(request.bytes(), "tcp", [&](Bytes payload, Socket&, std::size_t) {
    uapi::InetMessage m{};
    if (read_at(payload, 0, m) && ntohs(m.id.source_port_be) == listener.port && m.state == 10) found = true;
    return Dump::Decoded::row;
  });
  BOOST_TEST(coverage.error == 0);
  BOOST_TEST(found);
}

BOOST_AUTO_TEST_CASE(unix_pair_with_a_name) {
  int pair[2];
  BOOST_REQUIRE(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0);
  const Fd one(pair[0]), other(pair[1]);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string name =
      std::string(1, '\0') + "duostat-live-test-" + std::to_string(::getpid()) + std::string(1, '\0') + "x";
  name.copy(address.sun_path, name.size());
  BOOST_REQUIRE(::bind(one.get(), reinterpret_cast<sockaddr*>(&address),
                       static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size())) == 0);
  DiagBackend backend(open_netlink);
  std::uint64_t named = 0, peer_of_named = 0, peers_inode = 0;
  backend.collect(query({Protocol::unix_seqpacket}, everything()), [&](std::span<const Socket> batch) {
    for (const Socket& s : batch)
      if (s.unix_domain->name == name) {
        named = s.inode;
        peer_of_named = s.unix_domain->peer_inode;
        BOOST_TEST(s.uid == ::geteuid());
        BOOST_TEST(s.unix_domain->socket_state == 3);
      }
    return true;
  });
  BOOST_TEST(named != 0u);
  backend.collect(query({Protocol::unix_seqpacket}, everything()), [&](std::span<const Socket> batch) {
    for (const Socket& s : batch)
      if (s.inode == peer_of_named) peers_inode = s.unix_domain->peer_inode;
    return true;
  });
  BOOST_TEST(peers_inode == named);
}

// A signal while the kernel sends nothing must not end the wait.
BOOST_AUTO_TEST_CASE(receive_goes_on_after_a_signal) {
  struct sigaction action {}, before {};
  action.sa_handler = [](int) {};  // without SA_RESTART
  BOOST_REQUIRE(::sigaction(SIGUSR1, &action, &before) == 0);
  OpenError error;
  const auto transport = open_netlink(uapi::kNetlinkSockDiag, error);
  BOOST_REQUIRE(transport != nullptr);
  BOOST_TEST(transport->port_id() != 0u);
  std::thread other([&transport, reader = ::pthread_self()] {
    using namespace std::chrono_literals;
    for (int i = 0; i < 5; ++i) {
      std::this_thread::sleep_for(10ms);
      ::pthread_kill(reader, SIGUSR1);
    }
    std::this_thread::sleep_for(10ms);
    RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, kDiagSequence);
    request.put(uapi::InetRequest{2, 17, 0, 0, 0, {}});  // no states: the reply is only a DONE
    transport->send(request.bytes());
  });
  std::vector<std::byte> buffer(32768);
  const Transport::Received got = transport->receive(buffer);
  other.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  BOOST_TEST(got.error == 0);
  BOOST_TEST(got.sender == 0u);
  BOOST_TEST(got.size >= 20u);
}

BOOST_AUTO_TEST_CASE(small_buffer_is_told_to_be_too_small) {
  const Listener listener;
  OpenError error;
  const auto transport = open_netlink(uapi::kNetlinkSockDiag, error);
  BOOST_REQUIRE(transport != nullptr);
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, kDiagSequence);
  request.put(uapi::InetRequest{2, 6, 0, 0, kAllStates, {}});
  BOOST_REQUIRE(transport->send(request.bytes()) == 0);
  std::vector<std::byte> buffer(40);
  const Transport::Received got = transport->receive(buffer);
  BOOST_TEST(got.truncated);
  BOOST_TEST(got.size == 40u);
}

BOOST_AUTO_TEST_CASE(request_that_makes_no_sense_is_refused) {
  OpenError error;
  const auto transport = open_netlink(uapi::kNetlinkSockDiag, error);
  BOOST_REQUIRE(transport != nullptr);
  ReceiveBuffer buffer;
  Coverage coverage;
  Dump dump(*transport, buffer, [](std::span<const Socket>) { return true; }, coverage);
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, kDiagSequence);
  request.put(uapi::InetRequest{255, 6, 0, 0, kAllStates, {}});
  const auto outcome =
      dump.run(request.bytes(), "nothing", [](Bytes, Socket&, std::size_t) { return Dump::Decoded::row; });
  BOOST_TEST((outcome == Dump::Outcome::refused));
  BOOST_TEST(coverage.error != 0);
  BOOST_TEST(coverage.object == "nothing");
}

BOOST_AUTO_TEST_SUITE_END()
