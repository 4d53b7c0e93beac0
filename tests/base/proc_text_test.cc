// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/base/proc_text.h"

#include <boost/test/unit_test.hpp>

namespace duostat {
namespace {

using test::has_addresses;
using test::proc_text;

BOOST_AUTO_TEST_SUITE(text_of_proc_net)

BOOST_AUTO_TEST_CASE(addresses_of_a_big_endian_machine) {
  const auto big = [](std::string_view file, std::string_view text) { return proc_text(file, text, std::endian::big); };
  BOOST_TEST(big("tcp", "   0: 0100007F:1F90 076433C6:0000 0A 0000000A:00000003 00:00000000 00000100     0 ") ==
             "   0: 7F000001:1F90 C6336407:0000 0A 0000000A:00000003 00:00000000 00000100     0 ");
  BOOST_TEST(big("tcp6", " 0: 0000000000000000FFFF00000A0200C0:1F90 ") ==
             " 0: 00000000000000000000FFFFC000020A:1F90 ");
  BOOST_TEST(big("route", "eth0\t000210AC\t010200C0\t0003\t0\t0\t4294967295\t00FFFFFF") ==
             "eth0\tAC100200\tC0000201\t0003\t0\t0\t4294967295\tFFFFFF00");
  BOOST_TEST(big("igmp", "\t\t\t\t010000E0     2 0:00000010\t\t0\n") == "\t\t\t\tE0000001     2 0:00000010\t\t0\n");
  for (const char* damaged : {"", "0100007", " 0100007F", " 0100007F:11F90 ", " 0100007F0100007F:1F90 "})
    BOOST_TEST(big("tcp", damaged) == damaged);
  BOOST_TEST(proc_text("tcp", " 0100007F:1F90 ", std::endian::little) == " 0100007F:1F90 ");
}

BOOST_AUTO_TEST_CASE(files_with_addresses) {
  for (const char* file : {"net/tcp", "1/net/route", "/x/net/igmp"}) BOOST_TEST(has_addresses(file), file);
  for (const char* file : {"tcp", "net/unix", "net/rpc/tcp", "ethernet/tcp"}) BOOST_TEST(!has_addresses(file), file);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat
