// listen and states over made-up proc trees.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <boost/test/unit_test.hpp>

#include "src/command/listen.h"
#include "src/command/states.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"
#include "tests/command/ran.h"

namespace duostat::command {
namespace {

constexpr std::string_view kTcp =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:0016 00000000:0000 0A 00000000:00000002 00:00000000 00000000     0        0 100 1 0 100 0 0 10 0\n"
    "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 101 1 0 100 0 0 10 0\n"
    "   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 102 1 0 100 0 0 10 0\n"
    "   3: 0100007F:0016 0100007F:8000 01 00000000:00000000 00:00000000 00000000     0        0 103 1 0 20 4 30 10 -1\n"
    "   4: 0100007F:8000 0100007F:0016 08 00000000:00000000 00:00000000 00000000     0        0 104 1 0 20 4 30 10 -1\n"
    "   5: 0100007F:0017 0100007F:8001 06 00000000:00000000 03:00000000 00000000     0        0 0 3 0\n";
constexpr std::string_view kUdp =
    "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer "
    "drops\n"
    "  10: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 110 2 0 7\n"
    "  11: 0100007F:14EA 0100007F:14E9 01 00000000:00000000 00:00000000 00000000     0        0 111 2 0 0\n";
constexpr std::string_view kUnix =
    "Num       RefCount Protocol Flags    Type St Inode Path\n"
    "0: 00000002 00000000 00010000 0001 01   120 @a\x1b[m\n"
    "0: 00000002 00000000 00000000 0002 01   121 /run/datagram\n";

struct Tree : test::Scratch {
  Tree() {
    write("net/tcp", kTcp);
    write("net/udp", kUdp);
    write("net/unix", kUnix);
    write("net/sockstat", "sockets: used 9\nTCP: inuse 4 orphan 1 tw 1 alloc 12 mem 3\nUDP: inuse 2 mem 4\n");
    write("sys/net/ipv4/ip_local_port_range", "32768\t60999\n");
    process("1", "systemd", {"100"}, "0::/init.scope\n");
    process("7", "sshd", {"100"}, "0::/system.slice/ssh.service\n");
    process("8", "w\neb", {"101", "102"}, "0::/system.slice/docker-" + std::string(64, 'a') + ".scope\n");
    process("9", "web", {"102"}, "0::/a\n");
    process("12", "systemd", {"120"}, "0::/user.slice/user-1000.slice/user@1000.service/init.scope\n");
  }
  void process(const std::string& pid, const std::string& comm, std::initializer_list<std::string> inodes,
               const std::string& cgroup) const {
    write(pid + "/stat", pid + " (" + comm + ") S 1");
    write(pid + "/cgroup", cgroup);
    const auto folder = std::filesystem::path(path()) / pid / "fd";
    std::filesystem::create_directories(folder);
    for (const std::string& inode : inodes) std::filesystem::create_symlink("socket:[" + inode + "]", folder / inode);
  }
};

Ran ran(const Command& command, const test::Scratch& tree, std::vector<std::string> words) {
  StringSink sink;
  FakeWorld world(sink, ProcDir(tree.path()));
  world.names.users = {{33, "www"}};
  world.names.services = {{22, "ssh"}};
  return run_in(world, sink, command, words);
}

BOOST_AUTO_TEST_SUITE(inventory)

BOOST_AUTO_TEST_CASE(listeners_of_a_tree) {
  const Tree tree;
  const Ran r = ran(kListen, tree, {});
  BOOST_TEST(r.err == "");
  BOOST_TEST(r.status == 0);
  BOOST_TEST(r.out ==
             "PROTO PORT SERVICE ADDRESS   QUEUE DROPS PROCESS             USER UNIT\n"
             "tcp     22 ssh     127.0.0.1     2       sshd 7              0    ssh.service\n"
             "tcp     80         all IPv4      0       w.eb 8 +1 x2        www  docker aaaaaaaaaaaa\n"
             "udp   5353         all IPv4            7 kernel              0\n"
             "unix               @a.[m                 systemd (activated) ?\n");
}

BOOST_AUTO_TEST_CASE(selection_and_columns) {
  const Tree tree;
  BOOST_TEST(ran(kListen, tree, {"-u", "--columns=port,kernel"}).out == "port kernel\n5353   true\n");
  BOOST_TEST(ran(kListen, tree, {"--count"}).out == "4\n");
  BOOST_TEST(ran(kListen, tree, {"-6"}).out == "PROTO PORT ADDRESS QUEUE PROCESS USER UNIT\n");
  BOOST_TEST(ran(kListen, tree, {"--where=port = 80", "--columns=container,pids"}).out ==
             "container" + std::string(56, ' ') + "pids\n" + std::string(64, 'a') + " 8,9\n");
  BOOST_TEST(ran(kListen, tree, {"--fail-if=count > 3"}).status == 1);
  BOOST_TEST(ran(kListen, tree, {"--fail-if=count > 4"}).status == 0);
  BOOST_TEST(ran(kListen, tree, {"--by=protocol", "--fail-if=count > 1"}).status == 1);
  BOOST_TEST(ran(kListen, tree, {"-t", "--write-baseline=x"}).status == 2);
  BOOST_TEST(ran(kListen, tree, {"word"}).status == 2);
}

BOOST_AUTO_TEST_CASE(a_baseline) {
  const Tree tree;
  const std::string file = tree.path() + "/baseline";
  BOOST_TEST(ran(kListen, tree, {"--write-baseline=" + file}).err == "duostat listen: " + file + ": 4 listeners\n");
  const Ran same = ran(kListen, tree, {"--baseline=" + file});
  BOOST_TEST(same.status == 0);
  BOOST_TEST(same.out == "4 listeners, none new, gone or changed\n");
  tree.write("7/cgroup", "0::/system.slice/other.service\n");
  const Ran changed = ran(kListen, tree, {"--baseline=" + file});
  BOOST_TEST(changed.status == 1);
  BOOST_TEST(changed.out.find("changed tcp") != std::string::npos);
  BOOST_TEST(changed.out.find("sshd, user 0, ssh.service") != std::string::npos);
  BOOST_TEST(ran(kListen, tree, {"--baseline=" + file, "-u"}).status == 0);
  BOOST_TEST(ran(kListen, tree, {"--baseline=" + tree.path() + "/none"}).status == 3);
  BOOST_TEST(ran(kListen, tree, {"--baseline=" + file, "--write-baseline=" + file}).status == 2);
}

BOOST_AUTO_TEST_CASE(an_incomplete_table) {
  const Tree tree;
  const std::string file = tree.path() + "/baseline";
  tree.write("net/udp", std::string(kUdp) + "nonsense\n");
  const Ran listed = ran(kListen, tree, {});
  BOOST_TEST(listed.status == 1);
  BOOST_TEST(listed.err.find("duostat listen: udp: incomplete") != std::string::npos);
  const Ran written = ran(kListen, tree, {"--write-baseline=" + file});
  BOOST_TEST(written.status == 1);
  BOOST_TEST(!std::filesystem::exists(file));
  BOOST_TEST(ran(kListen, tree, {"--fail-if=count > 9"}).status == 3);
  BOOST_TEST(ran(kListen, tree, {"--fail-if-none"}).status == 0);
  BOOST_TEST(ran(kStates, tree, {}).status == 1);
  BOOST_TEST(ran(kStates, tree, {"-t"}).status == 0);
}

BOOST_AUTO_TEST_CASE(states_of_a_tree) {
  const Tree tree;
  const Ran r = ran(kStates, tree, {"-tu"});
  BOOST_TEST(r.err == "");
  BOOST_TEST(r.out ==
             "PROTO FAMILY STATE      SOCKETS SHARE\n"
             "tcp   IPv4   ESTAB            1 16.7%\n"
             "tcp   IPv4   TIME-WAIT        1 16.7%\n"
             "tcp   IPv4   CLOSE-WAIT       1 16.7%\n"
             "tcp   IPv4   LISTEN           3 50.0%\n"
             "udp   IPv4   ESTAB            1 50.0%\n"
             "udp   IPv4   UNCONN           1 50.0%\n"
             "\n8 sockets in this network namespace\n"
             "of the whole host, not of this network namespace:\n  12 TCP sockets in memory\n"
             "  1 of them without a process (orphans)\n  3 pages of TCP buffers\n  4 pages of UDP buffers\n");
  BOOST_TEST(ran(kStates, tree, {"--by=protocol", "--sum=sockets", "-t"}).out.find("6") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(figures_of_closed) {
  const Tree tree;
  const Ran child = ran(kStates, tree, {"--closed"});
  BOOST_TEST(child.out.find("closed       9 ") != std::string::npos);  // 12 - (4 - 1)
  BOOST_TEST(child.out.find("In a child network namespace") != std::string::npos);
  BOOST_TEST(child.out.find("without_connection") == std::string::npos);
  tree.write("sys/net/ipv4/tcp_mem", "1 2 3\n");
  const Ran initial = ran(kStates, tree, {"--closed", "--columns=figure,value", "--where=figure = without_connection"});
  BOOST_TEST(initial.out == "figure             value\nwithout_connection     8\n");
  BOOST_TEST(ran(kStates, tree, {"--closed", "-t"}).status == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace duostat::command
