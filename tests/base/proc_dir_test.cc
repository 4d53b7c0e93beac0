// The proc file system as a value.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/proc_dir.h"

#include <fcntl.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <filesystem>

#include "tests/base/scratch.h"

using duostat::Fd;
using duostat::ProcDir;
using duostat::test::Scratch;

BOOST_AUTO_TEST_SUITE(proc_dir)

BOOST_AUTO_TEST_CASE(files_below_a_root) {
  const Scratch scratch;
  const std::string long_text(10'000, 'x');
  scratch.write("net/tcp", "head\nrow\n");
  scratch.write("net/long", long_text);
  scratch.write("net/empty", "");
  const ProcDir proc(scratch.path());
  int error = -1;
  BOOST_TEST(proc.given());
  BOOST_TEST(proc.root() == scratch.path());
  BOOST_TEST(proc.path("net/tcp") == scratch.path() + "/net/tcp");
  BOOST_TEST(proc.read("net/tcp", error) == "head\nrow\n");
  BOOST_TEST(error == 0);
  BOOST_TEST((proc.read("net/long", error) == long_text));
  error = -1;
  BOOST_TEST(proc.read("net/empty", error) == "");
  BOOST_TEST(error == 0);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_says_why) {
  const Scratch scratch;
  scratch.write("net/tcp", "");
  const ProcDir proc(scratch.path());
  int error = 0;
  BOOST_TEST(proc.read("net/udp", error) == "");
  BOOST_TEST(error == ENOENT);
  BOOST_TEST(!proc.open("net/tcp/x", error));
  BOOST_TEST(error == ENOTDIR);
  BOOST_TEST(proc.read("net", error) == "");
  BOOST_TEST(error == EISDIR);
}

BOOST_AUTO_TEST_CASE(links_are_read_whole) {
  const Scratch scratch;
  const ProcDir proc(scratch.path());
  for (const std::size_t size : {1, 255, 256, 257, 1000}) {
    const std::string target(size, 'x'), name = "link" + std::to_string(size);
    std::filesystem::create_symlink(target, scratch.path() + "/" + name);
    int error = -1;
    BOOST_TEST(proc.read_link(name, error) == target);
    BOOST_TEST(error == 0);
  }
  int error = 0;
  BOOST_TEST(proc.read_link("missing", error).empty());
  BOOST_TEST(error == ENOENT);
}

BOOST_AUTO_TEST_CASE(replacements) {
  const Scratch scratch;
  scratch.write("net/tcp", "ours");
  const std::string elsewhere = scratch.write("captured", "theirs");
  const ProcDir proc(scratch.path(), {{"net/tcp", elsewhere}, {"net/udp", scratch.path() + "/missing"}}, false);
  int error = 0;
  BOOST_TEST(!proc.given());
  BOOST_TEST(proc.replaces("net/tcp"));
  BOOST_TEST(!proc.replaces("net/tcp6"));
  BOOST_TEST(proc.path("net/tcp") == elsewhere);
  BOOST_TEST(proc.read("net/tcp", error) == "theirs");
  BOOST_TEST(proc.read("net/udp", error) == "");
  BOOST_TEST(error == ENOENT);
}

BOOST_AUTO_TEST_CASE(the_running_system) {
  const ProcDir proc;
  int error = -1;
  BOOST_TEST(!proc.given());
  BOOST_TEST(proc.path("net/tcp") == "/proc/net/tcp");
  BOOST_TEST(!proc.read("self/stat", error).empty());
  BOOST_TEST(error == 0);
}

BOOST_AUTO_TEST_CASE(descriptors_close_on_exec_and_at_the_end) {
  const ProcDir proc;
  int error = 0;
  int number = -1;
  {
    const Fd fd = proc.open("self/stat", error);
    BOOST_REQUIRE(static_cast<bool>(fd));
    number = fd.get();
    BOOST_TEST((fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    Fd moved = proc.open("self/stat", error);
    moved = proc.open("self/status", error);
    BOOST_TEST(static_cast<bool>(moved));
    const int released = moved.release();
    BOOST_TEST(!moved);
    BOOST_TEST(close(released) == 0);
  }
  BOOST_TEST(fcntl(number, F_GETFD) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
