// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/events.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <vector>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

constexpr FamilySet kBoth{Family::inet, Family::inet6};
constexpr std::uint16_t kProtocolAttribute = 10;  // INET_DIAG_PROTOCOL

/// An event as the kernel multicasts it: no sequence, no port id.
Wire event(const Inet& inet, std::uint8_t protocol) {
  return message(inet.payload(Wire().attribute(kProtocolAttribute, Wire().u8("protocol", protocol))),
                 {.flags = 0, .sequence = 0, .port_id = 0});
}

std::vector<std::uint32_t> groups_of(ProtocolSet protocols, FamilySet families) {
  Script script;
  DestroyedSockets destroyed;
  BOOST_TEST(destroyed.open(open_script(script), protocols, families) == 0);
  BOOST_TEST(script.requests.empty());
  return script.groups;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(events_suite)

BOOST_AUTO_TEST_CASE(groups) {
  using Groups = std::vector<std::uint32_t>;
  BOOST_TEST((groups_of({Protocol::tcp}, {Family::inet}) == Groups{1}));
  BOOST_TEST((groups_of({Protocol::udp}, {Family::inet}) == Groups{2}));
  BOOST_TEST((groups_of({Protocol::tcp}, {Family::inet6}) == Groups{3}));
  BOOST_TEST((groups_of({Protocol::udp, Protocol::raw}, {Family::inet6}) == Groups{4}));
  BOOST_TEST((groups_of({Protocol::tcp, Protocol::udp}, kBoth) == Groups{1, 3, 2, 4}));
}

BOOST_AUTO_TEST_CASE(nothing_to_follow) {
  BOOST_TEST(!DestroyedSockets::can_follow(kUnixProtocols, {Family::unix_domain}));
  BOOST_TEST(!DestroyedSockets::can_follow({Protocol::tcp}, {Family::unix_domain}));
  BOOST_TEST(!DestroyedSockets::can_follow({Protocol::mptcp}, kBoth));
  BOOST_TEST(DestroyedSockets::can_follow({Protocol::mptcp, Protocol::udp}, {Family::inet6}));
}

BOOST_AUTO_TEST_CASE(cannot_listen) {
  DestroyedSockets destroyed;
  BOOST_TEST(destroyed.open([](int, OpenError& error) { return error = EMFILE, nullptr; }, {Protocol::tcp}, kBoth) ==
             EMFILE);
  BOOST_TEST(destroyed.open([](int, OpenError& error) { return error = EPROTONOSUPPORT, nullptr; }, {Protocol::tcp},
                            kBoth) == EPROTONOSUPPORT);
  Script script;
  script.join_error = EPERM;
  BOOST_TEST(destroyed.open(open_script(script), {Protocol::tcp}, kBoth) == EPERM);
}

BOOST_AUTO_TEST_CASE(what_is_told) {
  Script script;
  script.datagram(event({.state = 7, .sport = 80, .inode = 0}, 6))
      .datagram(event({.family = 10, .state = 7, .sport = 53, .inode = 0}, 17))
      .datagram(event({.sport = 81}, 6), 99)                 // not from the kernel
      .datagram(done())                                      // not an event
      .datagram(Wire().append(event({.sport = 82}, 6)).append(event({.sport = 83}, 6)));
  DestroyedSockets destroyed;
  BOOST_TEST(destroyed.open(open_script(script), {Protocol::tcp, Protocol::udp}, kBoth) == 0);
  struct Row {
    Protocol protocol;
    Family family;
    State state;
    std::uint32_t port;
    bool operator==(const Row&) const = default;
  };
  std::vector<Row> rows;
  const auto take = [&](std::span<const Socket> sockets) {
    BOOST_TEST(sockets.size() == 1u);
    rows.push_back({sockets[0].protocol, sockets[0].family, sockets[0].state, sockets[0].local.port});
    return true;
  };
  for (int i = 0; i < 5; ++i) BOOST_TEST(destroyed.next(take) == 0);
  BOOST_TEST(destroyed.next(take) == ENODATA);
  const std::vector<Row> wanted = {{Protocol::tcp, Family::inet, State::close, 80},
                                   {Protocol::udp, Family::inet6, State::close, 53},
                                   {Protocol::tcp, Family::inet, State::established, 82},
                                   {Protocol::tcp, Family::inet, State::established, 83}};
  BOOST_TEST((rows == wanted));
  BOOST_TEST(destroyed.coverage().rows == 4u);
  BOOST_TEST(destroyed.coverage().malformed == 0u);
}

BOOST_AUTO_TEST_CASE(sink_has_enough) {
  Script script;
  script.datagram(Wire().append(event({.sport = 82}, 6)).append(event({.sport = 83}, 6)));
  DestroyedSockets destroyed;
  BOOST_TEST(destroyed.open(open_script(script), {Protocol::tcp}, kBoth) == 0);
  int calls = 0;
  BOOST_TEST(destroyed.next([&](std::span<const Socket>) { return ++calls, false; }) == ECANCELED);
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(lost_and_malformed) {
  Script script;
  script.error(ENOBUFS)
      .datagram(message(Wire().zeros("half an inet_diag_msg", 30)))
      .datagram(Wire().u32("no message", 3))
      .truncated(event({.sport = 82}, 6));
  DestroyedSockets destroyed;
  BOOST_TEST(destroyed.open(open_script(script), {Protocol::tcp}, kBoth) == 0);
  int calls = 0;
  const auto take = [&](std::span<const Socket>) { return ++calls, true; };
  BOOST_TEST(destroyed.next(take) == ENOBUFS);
  for (int i = 0; i < 3; ++i) BOOST_TEST(destroyed.next(take) == 0);
  BOOST_TEST(calls == 1);
  BOOST_TEST(destroyed.coverage().malformed == 2u);
  BOOST_TEST(destroyed.coverage().truncated == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
