// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/wide_protocol.h"

#include <sys/utsname.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <cstdio>

#include "tests/diag/wire.h"

using namespace duostat;
using namespace duostat::wire;

namespace {

constexpr std::uint32_t kSequence = 1;

WideProtocol probe(Script& script) {
  ScriptedTransport transport(script);
  return probe_wide_protocol(transport);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(wide_protocols)

BOOST_AUTO_TEST_CASE(kernel_that_reads_the_attribute_has_no_such_protocol) {
  Script script;
  script.datagram(wide_protocol(ENOENT));
  BOOST_TEST(probe(script).is_read);
  // inet_diag_req_v2 for no state, and the attribute.
  BOOST_REQUIRE(script.requests.size() == 1u);
  const Bytes request = script.requests[0];
  BOOST_REQUIRE(request.size() == 16u + 56u + 8u);
  std::uint32_t states = 1, protocol = 0;
  BOOST_TEST((read_at(request, 20, states) && states == 0u));
  BOOST_TEST((read_at(request, 16 + 56 + 4, protocol) && protocol == 0x7fffffffu));
  BOOST_TEST((request[17] == std::byte{6}));
}

BOOST_AUTO_TEST_CASE(kernel_that_skips_it_has_nothing_to_say_of_tcp_in_no_state) {
  Script script;
  script.datagram(wide_protocol(0));
  const WideProtocol found = probe(script);
  BOOST_TEST(!found.is_read);
  BOOST_TEST(found.error == 0);
}

BOOST_AUTO_TEST_CASE(answers_of_others_count_for_nothing) {
  Script script;
  // Not from the kernel.
  script.datagram(wide_protocol(0), 99)
      // To another port.
      .datagram(message(Wire().u32("error", 0), {.type = kDone, .sequence = kSequence, .port_id = 1}))
      // Of another request.
      .datagram(message(Wire().u32("error", 0), {.type = kDone, .sequence = kSequence + 6}))
      .datagram(wide_protocol(ENOENT));
  BOOST_TEST(probe(script).is_read);
}

BOOST_AUTO_TEST_CASE(what_fails_says_nothing_of_the_kernel) {
  Script fails;
  fails.error(ENOBUFS);
  BOOST_TEST(probe(fails).error == ENOBUFS);
  Script ends;
  BOOST_TEST(probe(ends).error == ENODATA);
  Script cannot;
  cannot.send_error = EPERM;
  BOOST_TEST(probe(cannot).error == EPERM);
}

BOOST_AUTO_TEST_CASE(answer_about_tcp_is_none_about_mptcp) {
  // Kernels before 5.9: the table's first datagram, the reply to the probe, the rest of the table.
  for (const bool read : {false, true}) {
    Script script;
    script.datagram(Wire().append(Inet{.sport = 80}.message()).append(Inet{.sport = 81}.message()))
        .datagram(wide_protocol(read ? ENOENT : 0))
        .datagram(Inet{.sport = 82}.message())
        .datagram(done());
    std::vector<std::uint32_t> ports;
    const Coverage coverage =
        run(script, query({Protocol::mptcp}), [&](const Socket& socket) { ports.push_back(socket.local.port); });
    BOOST_TEST(!coverage.incomplete());
    BOOST_TEST((ports == (read ? std::vector<std::uint32_t>{80, 81, 82} : std::vector<std::uint32_t>{})));
    BOOST_TEST(script.requests.size() == 2u);
  }
}

BOOST_AUTO_TEST_CASE(table_without_rows_needs_no_probe) {
  Script script;
  script.datagram(done());
  BOOST_TEST(!run(script, query({Protocol::mptcp})).incomplete());
  BOOST_TEST(script.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(without_an_answer_no_row_is_shown_and_the_table_is_incomplete) {
  Script script;
  script.datagram(Inet{.sport = 80}.message()).error(ENOBUFS).datagram(done());
  const Coverage coverage = run(script, query({Protocol::mptcp}), [](const Socket&) { BOOST_TEST(false); });
  BOOST_TEST(coverage.error == ENOBUFS);
  BOOST_TEST(coverage.object == "mptcp");
}

/// True from Linux 5.9 on; older kernels may support it too.
bool must_read() {
  utsname name{};
  unsigned major = 0, minor = 0;
  return uname(&name) == 0 && std::sscanf(name.release, "%u.%u", &major, &minor) == 2 &&
         (major > 5 || (major == 5 && minor >= 9));
}
boost::test_tools::assertion_result kernel_answers(boost::unit_test::test_unit_id) {
  OpenError error;
  boost::test_tools::assertion_result answer(must_read() && open_netlink(uapi::kNetlinkSockDiag, error) != nullptr);
  if (!answer) answer.message() << "no sock_diag of Linux 5.9 or later here";
  return answer;
}

BOOST_AUTO_TEST_CASE(this_kernel_reads_it, *boost::unit_test::precondition(kernel_answers)) {
  OpenError error;
  const auto transport = open_netlink(uapi::kNetlinkSockDiag, error);
  BOOST_REQUIRE(transport != nullptr);
  const WideProtocol found = probe_wide_protocol(*transport);
  BOOST_TEST(found.error == 0);
  BOOST_TEST(found.is_read);
}

BOOST_AUTO_TEST_SUITE_END()
