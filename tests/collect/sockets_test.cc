// One pass over several tables, with an account for each.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/sockets.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

using namespace duostat;
using duostat::test::Scratch;

namespace {

constexpr char kListenerAndConnection[] =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000003 00:00000000 00000000     0        0 4711 1 "
    "0000000000000000 100 0 0 10 0\n"
    "   1: 0100007F:1F90 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 "
    "0000000000000000 20 4 30 10 -1\n";
constexpr char kUnixFile[] =
    "Num       RefCount Protocol Flags    Type St Inode Path\n"
    "0000000000000000: 00000002 00000000 00010000 0001 01 99 /run/x\n"
    "0000000000000000: 00000002 00000000 00000000 0002 01 98 /run/y\n";

struct Listed {
  std::vector<std::uint64_t> inodes;
  std::vector<TableAnswer> answers;
};

Listed list(Environment& env, SocketRequest request) {
  Listed listed;
  request.wanted |= {Field::inode};
  listed.answers =
      each_socket(env, Via::procfs, request, [&](const Socket& s) { listed.inodes.push_back(s.inode); });
  return listed;
}

bool is_complete(const std::vector<TableAnswer>& answers) {
  return std::ranges::none_of(answers, &TableAnswer::missing);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sockets)

BOOST_AUTO_TEST_CASE(selects_by_protocol_and_state_and_asks_each_table_once) {
  const Scratch tree;
  tree.write("net/tcp", kListenerAndConnection);
  tree.write("net/unix", kUnixFile);
  StringSink sink;
  FakeWorld world(sink, ProcDir(tree.path()));
  const Listed all =
      list(world.env, {.protocols = ProtocolSet{Protocol::tcp} | kUnixProtocols, .families = {Family::inet}});
  BOOST_TEST((all.inodes == std::vector<std::uint64_t>{4711, 4712, 99, 98}));
  BOOST_REQUIRE(all.answers.size() == 2U);
  BOOST_TEST(all.answers[0].name == "tcp");
  BOOST_TEST(all.answers[1].name == "unix");
  BOOST_TEST(is_complete(all.answers));
  const Listed few = list(world.env, {.protocols = {Protocol::tcp, Protocol::unix_dgram},
                                      .families = {Family::inet},
                                      .states = mask_of(State::listen, State::close)});
  BOOST_TEST((few.inodes == std::vector<std::uint64_t>{4711, 98}));
}

BOOST_AUTO_TEST_CASE(tells_a_table_that_the_kernel_lacks_from_one_that_cannot_be_read) {
  const Scratch tree;
  tree.write("net/tcp", kListenerAndConnection);
  StringSink sink;
  FakeWorld world(sink, ProcDir(tree.path()));
  const Listed lacking = list(world.env, {.protocols = {Protocol::tcp, Protocol::udp}, .families = {Family::inet}});
  BOOST_REQUIRE(lacking.answers.size() == 2U);
  BOOST_TEST(!lacking.answers[0].absent);
  BOOST_TEST(lacking.answers[1].absent);
  BOOST_TEST(is_complete(lacking.answers));
  tree.write("net/udp/is", "a directory");
  const Listed unread = list(world.env, {.protocols = {Protocol::udp}, .families = {Family::inet}});
  BOOST_TEST(unread.answers[0].missing);
  BOOST_TEST(!unread.answers[0].absent);
  BOOST_TEST(!is_complete(unread.answers));
}

BOOST_AUTO_TEST_SUITE_END()
