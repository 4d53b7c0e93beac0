// Group memberships, counters and SCTP's tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "src/procfs/igmp.h"
#include "src/procfs/sctp_tables.h"
#include "src/procfs/snmp.h"
#include "tests/base/scratch.h"

namespace duostat {
namespace {

using Lines = std::vector<std::string>;

Lines groups_of(Family family, const std::string& text, Lines* bad = nullptr) {
  test::Scratch scratch;
  scratch.write(family == Family::inet ? "net/igmp" : "net/igmp6", text);
  Lines lines;
  read_groups(
      ProcDir(scratch.path()), family,
      [&](const GroupMembership& m) {
        lines.push_back(std::string(m.device) + " " + std::to_string(m.users) + " " + std::to_string(m.group[0]) + "." +
                        std::to_string(m.group[3]));
      },
      [&](unsigned long line) {
        if (bad != nullptr) bad->push_back(std::to_string(line));
      });
  return lines;
}

class Recorder final : public CounterSink {
 public:
  std::string unwanted;
  Lines lines;
  bool section(std::string_view name) override {
    if (name == unwanted) return false;
    lines.push_back("[" + std::string(name) + "]");
    return true;
  }
  void counter(std::string_view key, std::uint64_t value) override {
    lines.push_back(std::string(key) + "=" + std::to_string(value));
  }
};

Coverage pairs(const std::string& text, Recorder& recorder, std::string_view prefix = "") {
  test::Scratch scratch;
  scratch.write("net/snmp", text);
  return read_counter_pairs(ProcDir(scratch.path()), "net/snmp", prefix, recorder);
}

BOOST_AUTO_TEST_SUITE(procfs_igmp_snmp_sctp)

BOOST_AUTO_TEST_CASE(igmp_groups_belong_to_the_device_above) {
  Lines bad;
  const Lines lines = groups_of(Family::inet,
                                "Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter\n"
                                "1\tlo        :     1      V3\n\t\t\t\t010000E0     2 0:00000000\t\t0\n"
                                "4\taverylongbrname:     1      V3\n\t\t\t\t6A0000E0     1 0:00000000\t\t0\n"
                                "\t\t\t\tzz 1\nnothing\n",
                                &bad);
  BOOST_TEST(lines.at(0) == "lo 2 224.1");
  BOOST_TEST(lines.at(1) == "averylongbrname 1 224.106");
  BOOST_TEST((bad == Lines{"5", "6"}));
}

BOOST_AUTO_TEST_CASE(igmp6_has_no_column_names) {
  const Lines lines = groups_of(Family::inet6, "1    lo              ff020000000000000000000000000001     3 0000000C 0\n");
  BOOST_TEST((lines == Lines{"lo 3 255.0"}));
}

BOOST_AUTO_TEST_CASE(counters_come_in_pairs_of_lines) {
  Recorder r;
  const Coverage coverage = pairs("Ip: A B C\nIp: 1 2\n\nUdp: X\nUdp: -1\nLast: A\n", r);
  BOOST_TEST((r.lines == Lines{"[Ip]", "A=1", "B=2", "C=0", "[Udp]", "X=18446744073709551615"}));
  BOOST_TEST(coverage.malformed == 0);
}

BOOST_AUTO_TEST_CASE(an_unwanted_section_is_stepped_over) {
  Recorder r;
  r.unwanted = "Ip";
  pairs("Ip: A\nIp: 1\nUdp: X\nUdp: 2\n", r);
  BOOST_TEST((r.lines == Lines{"[Udp]", "X=2"}));
}

BOOST_AUTO_TEST_CASE(a_pair_without_a_section_ends_the_file) {
  Recorder r;
  BOOST_TEST(pairs("Ip: A\nIp: 1\nnone A\nnone 1\nUdp: X\nUdp: 2\n", r).malformed == 1);
  BOOST_TEST((r.lines == Lines{"[Ip]", "A=1"}));
}

BOOST_AUTO_TEST_CASE(a_prefix_selects_sections) {
  Recorder r;
  pairs("Ip: A\nIp: 1\nTcp: X\nTcp: 2\nTcpExt: Y\nTcpExt: 3\n", r, "Tcp");
  BOOST_TEST((r.lines == Lines{"[Tcp]", "X=2", "[TcpExt]", "Y=3"}));
}

BOOST_AUTO_TEST_CASE(snmp6_sections_are_the_beginnings_of_keys) {
  test::Scratch scratch;
  scratch.write("net/snmp6", "Ip6InReceives \t1\nIp6InErrors 2\nnothing\nUdp6In 3\nUdpLite6In 4\nOdd 5\n");
  Recorder r;
  const Coverage coverage = read_counter_lines(ProcDir(scratch.path()), "net/snmp6", "", r);
  BOOST_TEST((r.lines == Lines{"[Ip6]", "Ip6InReceives=1", "Ip6InErrors=2", "[Udp6]", "Udp6In=3", "[UdpLite6]",
                               "UdpLite6In=4", "[Odd]", "Odd=5"}));
  BOOST_TEST(coverage.malformed == 1);
}

BOOST_AUTO_TEST_CASE(sctp_endpoint) {
  SctpRow row;
  BOOST_TEST_REQUIRE(parse_sctp_endpoint("ffff \taaaa 2   10  29   5001  1000 12345 10.0.0.1 2001:db8::1", row));
  BOOST_TEST((row.state == State::listen));
  BOOST_TEST(row.local_port == 5001);
  BOOST_TEST(row.uid == 1000);
  BOOST_TEST(row.inode == 12345);
  Family family;
  Address address;
  BOOST_TEST(next_sctp_address(row.local, family, address));
  BOOST_TEST((family == Family::inet && address == Address{10, 0, 0, 1}));
  BOOST_TEST(next_sctp_address(row.local, family, address));
  BOOST_TEST((family == Family::inet6 && address[15] == 1));
  BOOST_TEST(!next_sctp_address(row.local, family, address));
  for (const char* line : {"", "ffff aaaa 2", "ffff aaaa 2 10 29 5001 1000", "ffff aaaa 2 10 29 x 1000 12345",
                           "ffff aaaa 2 10 29 5001 1000 12345 bogus"})
    BOOST_TEST(!parse_sctp_endpoint(line, row), line);
}

BOOST_AUTO_TEST_CASE(sctp_association) {
  SctpRow row;
  BOOST_TEST_REQUIRE(parse_sctp_association(
      "ffff aaaa 2   1   3  29  1  5 77  0 12345 5001 40000  10.0.0.1 <-> *10.0.0.9 10.0.0.8 \t30000 10 10", row));
  BOOST_TEST(row.tx_queue == 5);
  BOOST_TEST(row.rx_queue == 77);
  BOOST_TEST(row.local_port == 5001);
  BOOST_TEST(row.remote_port == 40000);
  Family family;
  Address address;
  BOOST_TEST(next_sctp_address(row.remote, family, address));
  BOOST_TEST((address == Address{10, 0, 0, 9}));
  BOOST_TEST(next_sctp_address(row.remote, family, address));
  BOOST_TEST((address == Address{10, 0, 0, 8}));
  BOOST_TEST(!next_sctp_address(row.remote, family, address));
  BOOST_TEST(!parse_sctp_association("ffff aaaa 2   1   3  29  1  5 77  0 12345 5001", row));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
