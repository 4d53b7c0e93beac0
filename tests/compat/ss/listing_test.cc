// Sockets that only netlink lists: a scripted kernel in, text out.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "compat/frontend.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"
#include "tests/diag/wire.h"

namespace duostat::ss {
namespace {

using namespace wire;

std::string listed(const Wire& payload, const std::vector<std::string>& args) {
  Script script;
  script.datagram(message(payload)).datagram(done());
  StringSink sink;
  FakeWorld world(sink);
  world.env.open_transport = open_script(script);
  BOOST_TEST(ss::run(world.env, args) == 0);
  world.out.flush();
  return sink.text;
}

Wire tipc_socket() {
  return Wire().attribute(2, Wire()
                                 .attribute(6, Wire().u32("TIPC_NLA_SOCK_TYPE", 5))
                                 .attribute(9, Wire().u32("TIPC_NLA_SOCK_TIPC_STATE", 7))
                                 .attribute(2, Wire().u32("TIPC_NLA_SOCK_REF", 77))
                                 .attribute(5, Wire()
                                                   .attribute(0, Wire().u32("TIPC_NLA_SOCK_STAT_RCVQ", 3))
                                                   .attribute(4, Wire().u32("TIPC_NLA_SOCK_STAT_DROP", 6))));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ss_listing)

BOOST_AUTO_TEST_CASE(rows_that_no_text_file_has_are_rows_of_netlink) {
  const std::string text = listed(tipc_socket(), {"--tipc", "--tipcinfo", "-a", "-H"});
  BOOST_TEST(text.find("type:SEQPACKET") != std::string::npos, text);
  BOOST_TEST(text.find("drop:6") != std::string::npos, text);
  BOOST_TEST(text.starts_with("UNCONN 3 "), text);
}

BOOST_AUTO_TEST_CASE(a_kernel_without_control_groups_cannot_filter_by_them) {
  // Words of 7.1.0, recorded with requests that were damaged on their way to the kernel, so that it refused them like
  // an old kernel.
  StringSink said;
  const auto status_of = [&said](const std::vector<std::string>& args) {
    Script script;
    script.datagram(refused(EINVAL)).datagram(refused(EINVAL));
    StringSink sink;
    FakeWorld world(sink);
    world.env.open_transport = open_script(script);
    Diagnostics err(said, nullptr, false);
    Environment env{world.env.program, world.env.variables, world.env.proc, world.env.open_transport, world.env.clock,
                    world.env.names, world.env.out, err, world.env.terminal};
    return ss::run(env, args);
  };
  const int status = status_of({"-t", "--via=netlink", "cgroup", "/"});
  if (said.text.find("group") == std::string::npos) {  // otherwise the control group has no name here
    BOOST_TEST(status == 255);
    BOOST_TEST(said.text == "It looks like such filter is not supported! Too old kernel?\n");
  } else {
    BOOST_TEST_MESSAGE(said.text);
  }
  said.text.clear();
  status_of({"-t", "--via=netlink", "sport", "=", ":22"});
  BOOST_TEST(said.text.find("Too old kernel") == std::string::npos);
  BOOST_TEST(said.text.find("Invalid argument") != std::string::npos);
}

// Words of 7.1.0 for a file with the same rows.
BOOST_AUTO_TEST_CASE(unix_rows_of_text_are_sorted_in_batches) {
  constexpr int kRows = 4000, kBatch = 1681;
  std::string text = "Num       RefCount Protocol Flags    Type St Inode Path\n";
  for (int i = 0; i < kRows; ++i)
    text += fmt::format("00000000b5d6a2d3: 00000002 00000000 00000000 0001 03 {:5}\n", 90000 - i);
  test::Scratch scratch;
  scratch.write("net/unix", text);
  StringSink sink;
  FakeWorld world(sink, ProcDir(scratch.path()));
  BOOST_TEST(ss::run(world.env, std::vector<std::string>{"-A", "unix_stream", "-H", "-n"}) == 0);
  world.out.flush();
  std::istringstream lines(sink.text);
  int row = 0;
  for (std::string line; std::getline(lines, line); ++row) {
    const int first = row / kBatch * kBatch, size = std::min(kBatch, kRows - first);
    const int inode = 90000 - (first + size - 1) + row - first;
    BOOST_REQUIRE(line.find(fmt::format(" {} ", inode)) != std::string::npos);
  }
  BOOST_TEST(row == kRows);
}

BOOST_AUTO_TEST_CASE(a_file_that_somebody_named_and_that_is_not_there_is_told) {
  test::Scratch scratch;
  scratch.write("net/tcp6", "  sl  local_address remote_address\n");
  for (const char* name : {"net/tcp", "net/tcp6"}) {
    StringSink sink;
    ProcDir::Replacements files{{"net/tcp", scratch.path() + "/net/tcp6"}};
    files[name] = "/nonexistent/x";
    FakeWorld world(sink, ProcDir(scratch.path(), files, false));
    BOOST_TEST(ss::run(world.env, std::vector<std::string>{"-tan"}) == 0);
    BOOST_TEST(world.errors.text ==
                   "ss: procfs: open /nonexistent/x: No such file or directory\nss: tcp: incomplete, 0 rows shown\n",
               name);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat::ss
