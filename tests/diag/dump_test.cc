// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/dump.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <vector>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

const Query kTcp4 = query({Protocol::tcp});

Wire several(unsigned count, std::uint16_t first_port) {
  Wire datagram;
  for (unsigned i = 0; i < count; ++i)
    datagram.append(Inet{.sport = static_cast<std::uint16_t>(first_port + i)}.message());
  return datagram;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dump)

BOOST_AUTO_TEST_CASE(rows_in_the_kernels_order_over_datagrams_and_batches) {
  Script script;
  script.datagram(several(150, 1)).datagram(several(3, 151)).datagram(done());
  std::vector<std::uint32_t> ports;
  const Coverage c = run(script, kTcp4, [&](const Socket& s) { ports.push_back(s.local.port); });
  BOOST_TEST(c.rows == 153u);
  BOOST_TEST(c.error == 0);
  BOOST_REQUIRE(ports.size() == 153u);
  for (unsigned i = 0; i < ports.size(); ++i) BOOST_TEST(ports[i] == i + 1);
}

BOOST_AUTO_TEST_CASE(done_in_the_same_datagram_ends_and_what_follows_is_not_read) {
  Script script;
  script.datagram(Wire().append(several(2, 1)).append(done()).append(several(1, 9)));
  BOOST_TEST(run(script, kTcp4).rows == 2u);
}

BOOST_AUTO_TEST_CASE(sink_may_stop) {
  Script script;
  script.datagram(several(200, 1)).datagram(several(1, 500)).datagram(done());
  DiagBackend backend(open_script(script));
  std::size_t seen = 0;
  const Coverage c = backend.collect(query({Protocol::tcp, Protocol::udp}), [&](std::span<const Socket> batch) {
    seen += batch.size();
    return false;
  });
  BOOST_TEST(seen == Dump::kBatch);
  BOOST_TEST(c.error == 0);
  BOOST_TEST(script.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(foreign_messages_are_ignored) {
  Script script;
  script.datagram(several(4, 1), /*sender=*/99)
      .datagram(message(Inet{}.payload(), {.sequence = 1}))
      .datagram(message(Inet{}.payload(), {.port_id = kPort + 1}))
      .datagram(message(Wire().u32("error", static_cast<std::uint32_t>(-EPERM)), {.type = wire::kError, .sequence = 2}))
      .datagram(several(1, 77))
      .datagram(done());
  std::vector<std::uint32_t> ports;
  const Coverage c = run(script, kTcp4, [&](const Socket& s) { ports.push_back(s.local.port); });
  BOOST_TEST(ports == std::vector<std::uint32_t>{77}, boost::test_tools::per_element());
  BOOST_TEST(c.error == 0);
  BOOST_TEST(c.malformed == 0u);
}

BOOST_AUTO_TEST_CASE(interruption_is_told) {
  Script script;
  script.datagram(message(Inet{}.payload(), {.flags = 2 | kDumpIntr})).datagram(done());
  const Coverage c = run(script, kTcp4);
  BOOST_TEST(c.interrupted);
  BOOST_TEST(c.rows == 1u);

  Script calm;
  calm.datagram(Inet{}.message()).datagram(done());
  BOOST_TEST(!run(calm, kTcp4).interrupted);
}

BOOST_AUTO_TEST_CASE(truncated_datagram_is_counted_and_the_buffer_grows) {
  const Wire two = several(2, 1);
  Script script;
  script.truncated(Wire().append(two.bytes().first(two.size() - 10))).datagram(several(1, 9)).datagram(done());
  const Coverage c = run(script, kTcp4);
  BOOST_TEST(c.rows == 2u);  // the complete one, and that of the next datagram
  BOOST_TEST(c.truncated == 1u);
  BOOST_TEST(c.malformed == 0u);
  BOOST_TEST(script.largest_buffer == 65536u);
}

BOOST_AUTO_TEST_CASE(broken_framing_is_counted_and_passed_over) {
  Script script;
  script.datagram(Wire().u32("nlmsg_len", 5).zeros("rest", 12)).datagram(several(1, 9)).datagram(done());
  const Coverage c = run(script, kTcp4);
  BOOST_TEST(c.rows == 1u);
  BOOST_TEST(c.malformed == 1u);
}

BOOST_AUTO_TEST_CASE(short_fixed_part_is_malformed) {
  Script script;
  script.datagram(message(Wire().zeros("inet_diag_msg without its last byte", 71))).datagram(done());
  const Coverage c = run(script, kTcp4);
  BOOST_TEST(c.rows == 0u);
  BOOST_TEST(c.malformed == 1u);
}

BOOST_AUTO_TEST_CASE(noop_and_overrun) {
  Script script;
  script.datagram(message(Wire(), {.type = 1})).datagram(message(Wire(), {.type = 4})).datagram(done());
  const Coverage c = run(script, kTcp4);
  BOOST_TEST(c.truncated == 1u);
  BOOST_TEST(c.error == 0);
}

BOOST_AUTO_TEST_CASE(kernel_refuses) {
  Script script;
  script.datagram(refused(ENOENT));
  const Coverage c = run(script, query({Protocol::udp}));
  BOOST_TEST(c.error == ENOENT);
  BOOST_TEST((c.operation == Operation::diag_dump));
  BOOST_TEST(c.object == "udp");
  BOOST_TEST(script.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(done_may_carry_an_error) {
  Script script;
  script.datagram(several(1, 1)).datagram(done(ENOMEM));
  const Coverage c = run(script, query({Protocol::udp}));
  BOOST_TEST(c.error == ENOMEM);
  BOOST_TEST(c.rows == 1u);
}

BOOST_AUTO_TEST_CASE(system_calls_that_fail) {
  Script receiving;
  receiving.datagram(several(2, 1)).error(ENOBUFS);
  Coverage c = run(receiving, kTcp4);
  BOOST_TEST(c.error == ENOBUFS);
  BOOST_TEST((c.operation == Operation::diag_receive));
  BOOST_TEST(c.rows == 2u);

  Script sending;
  sending.send_error = EPERM;
  c = run(sending, kTcp4);
  BOOST_TEST(c.error == EPERM);
  BOOST_TEST((c.operation == Operation::diag_send));

  DiagBackend closed([](int, OpenError& error) { return error = EAFNOSUPPORT, nullptr; });
  c = closed.collect(kTcp4, [](std::span<const Socket>) { return true; });
  BOOST_TEST(c.error == EAFNOSUPPORT);
  BOOST_TEST((c.operation == Operation::diag_open));
  BOOST_TEST(c.object == "tcp");
}

BOOST_AUTO_TEST_CASE(answer_that_just_stops) {
  Script script;
  script.datagram(several(1, 1));
  const Coverage c = run(script, kTcp4);
  BOOST_TEST(c.error == ENODATA);
  BOOST_TEST(c.rows == 1u);
}

BOOST_AUTO_TEST_CASE(protocol_without_a_table) {
  Script script;
  const Coverage c = run(script, query({Protocol::icmp}));
  BOOST_TEST(c.error == EPROTONOSUPPORT);
  BOOST_TEST(c.object == "icmp");
  BOOST_TEST(script.requests.empty());
}

// A refusal of one table does not prevent reading the next.
BOOST_AUTO_TEST_CASE(several_tables) {
  Script script;
  script.datagram(refused(ENOENT)).datagram(Inet{.family = 2}.message()).datagram(done());
  std::vector<Protocol> seen;
  const Coverage c =
      run(script, query({Protocol::udplite, Protocol::raw}), [&](const Socket& s) { seen.push_back(s.protocol); });
  BOOST_TEST((seen == std::vector<Protocol>{Protocol::raw}));
  BOOST_TEST(c.error == ENOENT);
  BOOST_TEST(c.object == "udplite");
}

BOOST_AUTO_TEST_SUITE_END()
