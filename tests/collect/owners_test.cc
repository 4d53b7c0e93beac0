// Where owners are read from: words, what makes the iterator impossible, every failure of a scripted kernel.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/owners.h"

#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/bpf/owner_program.h"
#include "tests/bpf/made_kernel.h"
#include "tests/collect/fake_world.h"

namespace duostat {
namespace {

/// An environment with the real /proc and a scripted kernel.
struct OwnerWorld {
  explicit OwnerWorld(OwnersFrom from, ProcDir proc = ProcDir()) : fake(sink, std::move(proc)) {
    kernel.btf = wire::made_btf({});
    fake.env.bpf = &kernel;
    fake.env.owners = from;
  }
  void record(std::uint64_t inode, std::uint32_t pid) {
    OwnerRecord r{inode, pid, 3, "x"};
    const auto bytes = std::as_bytes(std::span(&r, 1));
    kernel.reads.push_back({{bytes.begin(), bytes.end()}, 0});
  }
  OwnerIndex read(const OwnerRequest& request = {}) { return read_owners(fake.env, request); }

  StringSink sink;
  FakeWorld fake;
  wire::ScriptedBpf kernel;
};

/// Process 1 of a made-up kernel.
constexpr std::uint64_t kInode = 0xffff'ffff'ffff;

/// The real /proc is that of another PID namespace in some sandboxes.
bool own_proc() {
  OwnerWorld world(OwnersFrom::bpf);
  world.read();
  return world.fake.errors.text.find("PID namespace") == std::string::npos;
}

Variables variables(const char* name, const char* value) {
  return Variables(std::map<std::string, std::string, std::less<>>{{name, value}});
}

std::string mistake(Environment& env, std::optional<std::string_view> option, bool threads = false) {
  try {
    choose_owners(env, option, threads);
    return {};
  } catch (const UsageError& e) {
    return e.what();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(owner_sources)

BOOST_AUTO_TEST_CASE(words) {
  OwnerWorld world(OwnersFrom::procfs);
  Environment& env = world.fake.env;
  BOOST_TEST(mistake(env, {}) == "");
  BOOST_TEST((env.owners == OwnersFrom::procfs));
  world.fake.variables = variables("DUOSTAT_OWNERS", "bpf");
  BOOST_TEST(mistake(env, {}) == "");
  BOOST_TEST((env.owners == OwnersFrom::bpf));
  BOOST_TEST(mistake(env, "auto") == "");
  BOOST_TEST((env.owners == OwnersFrom::automatic));
  BOOST_TEST(mistake(env, "x") == "--owners: \"x\" is not auto, bpf or procfs");
  BOOST_TEST(mistake(env, "") == "--owners: \"\" is not auto, bpf or procfs");
  world.fake.variables = variables("DUOSTAT_OWNERS", "y");
  BOOST_TEST(mistake(env, {}) == "DUOSTAT_OWNERS: \"y\" is not auto, bpf or procfs");
  BOOST_TEST(mistake(env, "procfs") == "");
  world.fake.variables = variables("DUOSTAT_OWNERS", "");
  BOOST_TEST(mistake(env, {}) == "");
  BOOST_TEST((env.owners == OwnersFrom::procfs));
}

BOOST_AUTO_TEST_CASE(impossible_by_the_option_is_refused) {
  OwnerWorld world(OwnersFrom::procfs);
  BOOST_TEST(mistake(world.fake.env, "bpf") == "");
  BOOST_TEST(mistake(world.fake.env, "bpf", true) == "--owners=bpf: it does not list the threads of a process");
  BOOST_TEST(mistake(world.fake.env, "auto", true) == "");
  world.fake.env.secure = true;
  BOOST_TEST(mistake(world.fake.env, "bpf").find("rights of its own") != std::string::npos);
  OwnerWorld other(OwnersFrom::procfs, ProcDir("/proc"));
  BOOST_TEST(mistake(other.fake.env, "bpf").find("PROC_ROOT") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(impossible_otherwise_is_a_line) {
  for (const OwnersFrom from : {OwnersFrom::bpf, OwnersFrom::automatic, OwnersFrom::procfs}) {
    OwnerWorld world(from, ProcDir("/proc"));
    world.record(kInode, 1);
    BOOST_TEST(world.read().first(kInode).pid == 0u);
    BOOST_TEST(world.kernel.commands.empty());
    BOOST_TEST((world.fake.errors.text ==
                (from == OwnersFrom::bpf
                     ? "netstat: owners: bpf: PROC_ROOT replaces the processes of this host; /proc is read instead\n"
                     : "")));
  }
}

BOOST_AUTO_TEST_CASE(the_iterator_answers) {
  if (!own_proc()) return;
  OwnerWorld world(OwnersFrom::bpf);
  world.record(kInode, 1);
  BOOST_TEST(world.read().first(kInode).pid == 1u);
  BOOST_TEST(world.fake.errors.text == "");
  OwnerWorld by_default(OwnersFrom::procfs);
  by_default.record(kInode, 1);
  BOOST_TEST(by_default.read().first(kInode).pid == 0u);
  BOOST_TEST(by_default.kernel.commands.empty());
}

BOOST_AUTO_TEST_CASE(every_failure_is_named_and_proc_answers) {
  if (!own_proc()) return;
  const auto line = [](auto change) {
    OwnerWorld world(OwnersFrom::bpf);
    world.record(kInode, 1);
    change(world.kernel);
    BOOST_TEST(world.read().first(kInode).pid == 0u);
    return world.fake.errors.text;
  };
  const auto expected = [](std::string_view why) {
    return "netstat: owners: bpf: " + std::string(why) + "; /proc is read instead\n";
  };
  using wire::ScriptedBpf;
  BOOST_TEST(line([](ScriptedBpf& k) { k.btf_error = ENOENT; }) ==
             expected("read the kernel's types: No such file or directory"));
  BOOST_TEST(line([](ScriptedBpf& k) { k.btf = wire::made_btf({.without = "inode"}); }) ==
             expected("find the kernel's structures: inode.i_mode"));
  BOOST_TEST(line([](ScriptedBpf& k) { k.refused = 5; }) == expected("load the program: Operation not permitted"));
  BOOST_TEST(line([](ScriptedBpf& k) { k.refused = 28; }) == expected("link the program: Operation not permitted"));
  BOOST_TEST(line([](ScriptedBpf& k) { k.refused = 33; }) == expected("open the iterator: Operation not permitted"));
  BOOST_TEST(line([](ScriptedBpf& k) { k.reads.push_back({{}, EIO}); }) ==
             expected("read the iterator: Input/output error"));
  BOOST_TEST(line([](ScriptedBpf& k) { k.reads.push_back({std::vector<std::byte>(31), 0}); }) ==
             expected("check the records: the last record is cut off"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace duostat
