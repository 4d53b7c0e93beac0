// Parsers of files and links of /proc/PID.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/task_text.h"

#include <boost/test/unit_test.hpp>

using namespace duostat;

BOOST_AUTO_TEST_SUITE(task_text)

BOOST_AUTO_TEST_CASE(names_may_contain_parentheses) {
  BOOST_TEST(comm_of("41 (a ) (b) S 1 41") == "a ) (b");
  BOOST_TEST(comm_of("41 () S") == "");
  BOOST_TEST(comm_of("41 )a( S") == "");
  BOOST_TEST(comm_of("") == "");
}

BOOST_AUTO_TEST_CASE(only_links_of_sockets_have_an_inode) {
  BOOST_TEST(socket_inode("socket:[31337]") == 31337U);
  BOOST_TEST(socket_inode("[0000]:31337") == 31337U);
  for (const char* other : {"", "socket:[]", "socket:[12", "socket:[12]x", "socket:[x]", "/tmp/socket:[1]", "pipe:[1]",
                            "[0000]:12]", "[0000]:"})
    BOOST_TEST(socket_inode(other) == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
