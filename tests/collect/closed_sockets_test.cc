// Sockets that no table lists, in made-up proc trees. The file behind a descriptor's link says its protocol.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/closed_sockets.h"

#include <boost/test/unit_test.hpp>
#include <memory>

#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

namespace duostat {
namespace {

/// The tree's links are "socket:[INODE]", which lead nowhere: even inodes are TCP's, odd ones UDP's; 13 is refused.
std::string protocol_of(const std::string& path, int& error) {
  const std::string link = std::filesystem::read_symlink(path).string();
  error = 0;
  if (!link.starts_with("socket:[")) return error = EOPNOTSUPP, "";
  const int inode = std::stoi(link.substr(8));
  if (inode == 13) return error = EACCES, "";
  if (inode == 8) return "MPTCP";
  return inode % 2 == 0 ? "TCPv6" : "UDP";
}

constexpr std::string_view kTitles =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

struct ProcessTree : test::Scratch {
  ProcessTree() {
    write("net/tcp", std::string(kTitles) +
                         "   0: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
                         "100 1 0000000000000000 100 0 0 10 0\n");
    write("net/tcp6", kTitles);
  }
  void process(const std::string& pid, const std::string& comm, std::initializer_list<std::string> links) const {
    write(pid + "/stat", pid + " (" + comm + ") S 1");
    std::filesystem::create_directories(std::filesystem::path(path()) / pid / "fd");
    int fd = 0;
    for (const std::string& link : links)
      std::filesystem::create_symlink(link, std::filesystem::path(path()) / pid / "fd" / std::to_string(fd++));
  }
};

ClosedSockets found(const ProcessTree& tree, ClosedSocketRequest request = {}) {
  StringSink sink;
  FakeWorld world(sink, ProcDir(tree.path()));
  request.protocol_of = protocol_of;
  return find_closed_sockets(world.env, request);
}

BOOST_AUTO_TEST_CASE(descriptors_that_no_table_lists) {
  const ProcessTree tree;
  tree.process("5", "leak)y", {"socket:[2]", "socket:[4]", "socket:[100]", "socket:[3]", "/dev/null", "socket:[8]"});
  tree.process("6", "clean", {"socket:[100]", "/dev/null"});
  tree.process("7", "heir", {"socket:[4]"});
  tree.process("9", "refused", {"socket:[13]"});
  const ClosedSockets closed = found(tree);
  BOOST_TEST(closed.cannot == "");
  BOOST_REQUIRE(closed.holders.size() == 2u);
  BOOST_TEST(closed.holders[0].pid == 5u);
  BOOST_TEST(closed.holders[0].comm == "leak)y");
  BOOST_TEST(closed.holders[0].closed == 3u);
  BOOST_TEST(closed.holders[0].descriptors == 6u);
  BOOST_TEST(closed.holders[1].pid == 7u);
  BOOST_TEST(closed.sockets == 3u);  // two processes share one
  BOOST_TEST(closed.denied == 1u);
}

BOOST_AUTO_TEST_CASE(limits_of_the_request) {
  const ProcessTree tree;
  tree.process("5", "a", {"socket:[2]", "socket:[4]"});
  tree.process("6", "b", {"socket:[6]"});
  ClosedSocketRequest request;
  request.least = 2;
  BOOST_TEST(found(tree, request).holders.size() == 1u);
  BOOST_TEST(found(tree, request).sockets == 3u);
  request.most_descriptors = 1;
  BOOST_TEST(found(tree, request).not_looked_at == 1u);
  BOOST_TEST(found(tree, request).holders.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_counted_without_every_list) {
  const ProcessTree tree;
  tree.process("5", "a", {"socket:[2]"});
  std::filesystem::remove(tree.path() + "/net/tcp6");
  tree.write("net/tcp", std::string(kTitles) + "   0: nonsense\n");
  const ClosedSockets broken = found(tree);
  BOOST_TEST(broken.holders.empty());
  BOOST_TEST(broken.cannot.starts_with("the list of tcp sockets is incomplete"));

  const ProcessTree other;
  other.process("5", "a", {"socket:[2]"});
  const auto link = [&](const std::string& where, const std::string& target) {
    const auto path = std::filesystem::path(other.path()) / where;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::create_symlink(target, path);
  };
  link("self/ns/net", "net:[1]");
  link("5/ns/net", "net:[2]");
  BOOST_TEST(found(other).cannot.starts_with("network namespace net:[2]: "));
}

BOOST_AUTO_TEST_CASE(trees_without_descriptors) {
  StringSink sink;
  FakeWorld missing(sink);
  BOOST_TEST(find_closed_sockets(missing.env).cannot == "/nonexistent: No such file or directory");
  FakeWorld recorded(sink, ProcDir(std::make_shared<ProcImage>()));
  BOOST_TEST(find_closed_sockets(recorded.env).cannot == "a capture does not have the protocols of descriptors");
}

}  // namespace
}  // namespace duostat
