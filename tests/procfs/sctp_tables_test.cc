// SCTP's two tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "src/procfs/sctp_tables.h"

namespace duostat {
namespace {

BOOST_AUTO_TEST_SUITE(procfs_sctp_tables)

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
