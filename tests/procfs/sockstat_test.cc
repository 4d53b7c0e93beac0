// The counts of /proc/net/sockstat, sockstat6 and snmp.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/sockstat.h"

#include <boost/test/unit_test.hpp>
#include <cerrno>

#include "tests/procfs/collected.h"

namespace {

using namespace duostat;

struct Read {
  SocketSummary summary;
  std::vector<std::pair<std::string, int>> failed;
};
Read read(const ProcDir& proc) {
  Read r;
  r.summary = read_summary(proc, [&](std::string_view file, int error) { r.failed.emplace_back(file, error); });
  return r;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sockstat)

BOOST_AUTO_TEST_CASE(every_number_in_its_place) {
  const Read got = read(ProcDir(test::data("zoo")));
  const SocketSummary& s = got.summary;
  BOOST_TEST(got.failed.empty());
  BOOST_TEST(s.used == 161);
  BOOST_TEST(s.tcp_in_use == 5);
  BOOST_TEST(s.tcp_orphan == 1);
  BOOST_TEST(s.tcp_time_wait == 2);
  BOOST_TEST(s.tcp_alloc == 7);
  BOOST_TEST(s.tcp_mem == 267);
  BOOST_TEST(s.tcp6_in_use == 4);
  BOOST_TEST(s.udp_in_use == 3);
  BOOST_TEST(s.udp6_in_use == 2);
  BOOST_TEST(s.udplite_in_use == 1);
  BOOST_TEST(s.udplite6_in_use == 1);
  BOOST_TEST(s.raw_in_use == 2);
  BOOST_TEST(s.raw6_in_use == 1);
  BOOST_TEST(s.frag_in_use == 4);
  BOOST_TEST(s.frag6_in_use == 6);
  BOOST_TEST(s.tcp_established == 4);
}

BOOST_AUTO_TEST_CASE(missing_files_are_told_and_leave_zeros) {
  const test::Tree tree;
  const Read got = read(tree.proc());
  BOOST_REQUIRE(got.failed.size() == 3u);
  BOOST_TEST(got.failed[0].first == "net/sockstat");
  BOOST_TEST(got.failed[1].first == "net/sockstat6");
  BOOST_TEST(got.failed[2].first == "net/snmp");
  for (const auto& [file, error] : got.failed) BOOST_TEST(error == ENOENT);
  BOOST_TEST(got.summary.used == 0);
}

BOOST_AUTO_TEST_CASE(damaged_files) {
  test::Tree tree;
  tree.directory("net/sockstat");
  tree.file("net/sockstat6", "TCP6: inuse\nUDP6:\nRAW6: inuse x\n\n\nFRAG6: inuse 3");
  tree.file("net/snmp", "Tcp: CurrEstab\n");
  const Read got = read(tree.proc());
  BOOST_REQUIRE(got.failed.size() == 1u);
  BOOST_TEST(got.failed[0].second == EISDIR);
  BOOST_TEST(got.summary.tcp6_in_use == 0);
  BOOST_TEST(!got.summary.knows(&SocketSummary::tcp6_in_use));  // absent is not zero
  BOOST_TEST(!got.summary.knows(&SocketSummary::used));
  BOOST_TEST(got.summary.knows(&SocketSummary::frag6_in_use));
  BOOST_TEST(!got.summary.knows(&SocketSummary::tcp_established));
  BOOST_TEST(got.summary.raw6_in_use == 0);
  BOOST_TEST(got.summary.frag6_in_use == 3);
  BOOST_TEST(got.summary.tcp_established == 0);
  tree.file("net/snmp", "Tcp: A CurrEstab B\nTcp: -1 17");
  BOOST_TEST(read(tree.proc()).summary.tcp_established == 17);
  tree.file("net/snmp", "Tcp: A B CurrEstab\nTcp: 1 2");
  BOOST_TEST(read(tree.proc()).summary.tcp_established == 0);
}

BOOST_AUTO_TEST_SUITE_END()
