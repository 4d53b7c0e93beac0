// Owners of sockets: a made-up /proc, and the real one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/owners.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "src/procfs/process.h"
#include "tests/procfs/owner_tree.h"

namespace {

using namespace duostat;
using test::owners_of;
using test::process;
using test::Tree;

}  // namespace

BOOST_AUTO_TEST_SUITE(owners)

BOOST_AUTO_TEST_CASE(order_and_names) {
  Tree tree;
  using namespace std::string_literals;
  process(tree, "100", "100 (first) S 1", "/usr/sbin/first\0-x\0"s)
      .link("100/fd/0", "/dev/null").link("100/fd/10", "socket:[55]");
  tree.link("100/fd/9", "socket:[55]").link("100/fd/3", "socket:[77]").link("100/fd/x", "socket:[55]");
  process(tree, "20", "20 (a) b) (c) S 1", "nginx: master process /usr/sbin/nginx").link("20/fd/7", "socket:[55]");
  process(tree, "3", "3 () S 1", "").link("3/fd/1", "[0000]:77").link("3/fd/2", "pipe:[55]");
  process(tree, "4", "4 (no sockets) S", "x").link("4/fd/2", "/dev/pts/0");
  tree.directory("self/fd").file("12a/stat", "");
  const OwnerIndex index = OwnerIndex::scan(tree.proc(), {.argv0 = true});

  BOOST_TEST(index.coverage().error == 0);
  BOOST_TEST(index.coverage().descriptors == 5u);
  BOOST_TEST(index.coverage().races == 0u);
  BOOST_TEST(owners_of(index, 55) == "100/100:10 100/100:9 20/20:7");
  BOOST_TEST(owners_of(index, 77) == "100/100:3 3/3:1");
  BOOST_TEST(owners_of(index, 0) == "");
  BOOST_TEST(owners_of(index, 5) == "");
  const Owner first = index.first(55);
  BOOST_TEST(first.pid == 20u);
  BOOST_TEST(first.fd == 7u);
  BOOST_TEST(first.comm == "a) b) (c");
  BOOST_TEST(first.argv0 == "nginx: master process /usr/sbin/nginx");
  BOOST_TEST(index.first(77).comm == "");
  BOOST_TEST(index.first(77).argv0 == "");
  BOOST_TEST(index.first(56).pid == 0u);
  index.each(55, [](const Owner& owner) {
    BOOST_TEST(owner.comm == "first");
    BOOST_TEST(owner.argv0 == "/usr/sbin/first");
    return false;
  });
}

BOOST_AUTO_TEST_CASE(a_visit_can_end_early) {
  Tree tree;
  process(tree, "1", "1 (x) S", "").link("1/fd/1", "socket:[9]").link("1/fd/2", "socket:[9]");
  int calls = 0;
  OwnerIndex::scan(tree.proc(), {}).each(9, [&](const Owner&) { return ++calls, false; });
  BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(names_only_on_request) {
  Tree tree;
  process(tree, "1", "1 (x) S", "y").link("1/fd/1", "socket:[9]").file("1/attr/current", "unconfined\n");
  const OwnerIndex bare = OwnerIndex::scan(tree.proc(), {.comm = false});
  BOOST_TEST(bare.first(9).comm == "");
  BOOST_TEST(bare.first(9).argv0 == "");
  BOOST_TEST(bare.first(9).context == "");
  BOOST_TEST(OwnerIndex::scan(tree.proc(), {.context = true}).first(9).context == "unconfined");
}

BOOST_AUTO_TEST_CASE(only_511_bytes_of_the_arguments_count) {
  Tree tree;
  process(tree, "1", "1 (x) S", std::string(2000, 'a')).link("1/fd/1", "socket:[9]");
  BOOST_TEST(OwnerIndex::scan(tree.proc(), {.argv0 = true}).first(9).argv0.size() == 511u);
}

BOOST_AUTO_TEST_CASE(links_that_are_no_sockets) {
  Tree tree;
  process(tree, "1", "1 (x) S", "");
  int fd = 0;
  for (const char* target :
       {"socket:[]", "socket:[0]", "socket:[12", "socket:[12]x", "socket:[-1]", "socket:12", "socket:[1x]",
        "[0000]:", "[0000]:12]", "socket:[99999999999999999999999]", "anon_inode:[eventpoll]"})
    tree.link("1/fd/" + std::to_string(fd++), target);
  tree.file("1/fd/50", "no link");
  const OwnerIndex index = OwnerIndex::scan(tree.proc(), {});
  BOOST_TEST(index.coverage().descriptors == 0u);
  BOOST_TEST(owners_of(index, 12) == "");
}

BOOST_AUTO_TEST_CASE(threads) {
  Tree tree;
  process(tree, "7", "7 (main) S", "").link("7/fd/1", "socket:[9]");
  for (const char* tid : {"7", "11", "8"}) {
    const std::string base = std::string("7/task/") + tid;
    process(tree, base, std::string(tid) + " (thread " + tid + ") S", "").link(base + "/fd/1", "socket:[9]");
  }
  const OwnerIndex with = OwnerIndex::scan(tree.proc(), {.threads = true});
  BOOST_TEST(owners_of(with, 9) == "7/11:1 7/8:1 7/7:1");
  with.each(9, [](const Owner& owner) {
    BOOST_TEST(owner.comm == "thread 11");
    return false;
  });
  BOOST_TEST(with.first(9).comm == "main");
  BOOST_TEST(owners_of(OwnerIndex::scan(tree.proc(), {}), 9) == "7/7:1");
}

BOOST_AUTO_TEST_CASE(processes_that_end_meanwhile_and_no_proc_at_all) {
  Tree tree;
  tree.file("5/stat", "5 (gone) S");
  BOOST_TEST(OwnerIndex::scan(tree.proc(), {}).coverage().races == 1u);
  BOOST_TEST(OwnerIndex::scan(tree.proc(), {}).coverage().error == 0);
  const OwnerIndex none = OwnerIndex::scan(ProcDir("/nonexistent"), {});
  BOOST_TEST(none.coverage().error == ENOENT);
  BOOST_TEST(owners_of(none, 1) == "");
  BOOST_TEST(owners_of(OwnerIndex(), 1) == "");
}

BOOST_AUTO_TEST_CASE(many_inodes) {
  Tree tree;
  process(tree, "1", "1 (x) S", "");
  for (int i = 1; i <= 3000; ++i) tree.link("1/fd/" + std::to_string(i), "socket:[" + std::to_string(i * 1024) + "]");
  const OwnerIndex index = OwnerIndex::scan(tree.proc(), {});
  for (unsigned i = 1; i <= 3000; ++i) BOOST_REQUIRE(index.first(i * 1024).fd == i);
  BOOST_TEST(index.first(1024 * 3001).pid == 0u);
}

BOOST_AUTO_TEST_CASE(this_process) {
  const Fd one(::socket(AF_UNIX, SOCK_STREAM, 0));
  const Fd two(::dup(one.get()));
  struct stat status{};
  BOOST_REQUIRE(::fstat(one.get(), &status) == 0);
  const auto pid = static_cast<std::uint32_t>(::getpid());
  const OwnerIndex index = OwnerIndex::scan(ProcDir(), {.argv0 = true});
  const std::string me = std::to_string(pid) + '/' + std::to_string(pid) + ':';
  BOOST_TEST(owners_of(index, status.st_ino) == me + std::to_string(two.get()) + ' ' + me + std::to_string(one.get()));
  BOOST_TEST(index.first(status.st_ino).comm == "test_procfs");
  BOOST_TEST(index.first(status.st_ino).argv0.find("test_procfs") != std::string_view::npos);
}

BOOST_AUTO_TEST_CASE(own_threads) {
  const Fd one(::socket(AF_UNIX, SOCK_STREAM, 0));
  struct stat status{};
  BOOST_REQUIRE(::fstat(one.get(), &status) == 0);
  std::string seen;
  std::thread([&] { seen = owners_of(OwnerIndex::scan(ProcDir(), {.threads = true}), status.st_ino); }).join();
  BOOST_TEST(std::count(seen.begin(), seen.end(), ':') >= 2);  // ThreadSanitizer has a thread of its own
}

BOOST_AUTO_TEST_CASE(order_does_not_depend_on_how_processes_are_shared_out) {
  Tree tree;
  std::string expected;
  for (int pid = 299; pid >= 100; --pid) {
    const std::string name = std::to_string(pid);
    process(tree, name, name + " (p" + name + ") S 1", "").link(name + "/fd/3", "socket:[55]");
    tree.link(name + "/fd/4", "socket:[" + std::to_string(1000 + pid) + "]");
    expected += (expected.empty() ? "" : " ") + name + "/" + name + ":3";
  }
  for (int i = 0; i < 20; ++i) {
    const OwnerIndex index = OwnerIndex::scan(tree.proc(), {});
    BOOST_TEST(owners_of(index, 55) == expected);
    BOOST_TEST(index.first(55).pid == 100u);
    BOOST_TEST(index.coverage().descriptors == 400u);
    for (int pid = 100; pid < 300; ++pid) {
      const Owner owner = index.first(1000u + static_cast<unsigned>(pid));
      BOOST_TEST(owner.comm == "p" + std::to_string(pid));
      BOOST_TEST(owner.fd == 4u);
    }
  }
}

/// Leaves this process so many free descriptors during its lifetime.
class FreeDescriptors {
 public:
  explicit FreeDescriptors(rlim_t count) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    // Use up the free ones below the limit, so that only those that the limit leaves are free.
    taken_.emplace_back(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    for (;;) {
      Fd fd(::fcntl(taken_.front().get(), F_DUPFD_CLOEXEC, 0));
      const int number = fd.get();
      taken_.push_back(std::move(fd));
      if (number > kTop) break;
    }
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(taken_.back().get()) + 1;
    for (rlim_t i = 0; i < count; ++i) taken_.pop_back();
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  FreeDescriptors(const FreeDescriptors&) = delete;
  FreeDescriptors& operator=(const FreeDescriptors&) = delete;
  ~FreeDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  static constexpr int kTop = 60;
  rlimit before_{};
  std::vector<Fd> taken_;
};

/// Twenty processes, each with a socket of its own and one that they share.
Tree& twenty_processes(Tree& tree) {
  for (unsigned pid = 100; pid < 120; ++pid) {
    const std::string name = std::to_string(pid);
    process(tree, name, name + " (p" + name + ") S 1", "/bin/p" + name).link(name + "/fd/3", "socket:[" + name + "]");
    tree.link(name + "/fd/4", "socket:[55]");
  }
  return tree;
}

BOOST_AUTO_TEST_CASE(few_descriptors) {
  Tree tree;
  const ProcDir proc = twenty_processes(tree).proc();
  for (rlim_t free = 1; free <= 6; ++free) {
    for (int round = 0; round < 5; ++round) {
      const FreeDescriptors left(free);
      const OwnerIndex index = OwnerIndex::scan(proc, {.argv0 = true});
      BOOST_TEST(!index.coverage().incomplete());
      BOOST_TEST(index.coverage().descriptors == 40u);
      BOOST_TEST(index.coverage().races == 0u);
      BOOST_TEST(std::ranges::count(owners_of(index, 55), ':') == 20);
      for (unsigned pid = 100; pid < 120; ++pid) {
        BOOST_TEST(index.first(pid).pid == pid);
        BOOST_TEST(index.first(pid).comm == "p" + std::to_string(pid));
        BOOST_TEST(index.first(pid).argv0 == "/bin/p" + std::to_string(pid));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(few_descriptors_and_threads) {
  Tree tree;
  process(tree, "7", "7 (main) S", "").link("7/fd/1", "socket:[9]");
  for (const char* tid : {"7", "8"}) {
    const std::string base = std::string("7/task/") + tid;
    process(tree, base, std::string(tid) + " (thread) S", "").link(base + "/fd/1", "socket:[9]");
  }
  const ProcDir proc = tree.proc();
  const FreeDescriptors left(1);
  BOOST_TEST(owners_of(OwnerIndex::scan(proc, {.threads = true}), 9) == "7/8:1 7/7:1");
}

BOOST_AUTO_TEST_CASE(no_descriptor_at_all_is_told) {
  Tree tree;
  const ProcDir proc = twenty_processes(tree).proc();
  const OwnerCoverage coverage = [&] {
    const FreeDescriptors left(0);  // only here: a sanitizer's own checks need descriptors
    return OwnerIndex::scan(proc, {}).coverage();
  }();
  BOOST_TEST(coverage.error == EMFILE);
  BOOST_TEST(coverage.incomplete());
  BOOST_TEST(coverage.lost());
  BOOST_TEST(owners_line("ss", coverage) ==
             "ss: owners: incomplete: processes could not be listed: Too many open files");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_is_no_race) {
  Tree tree;
  // Links that point to themselves: ELOOP, which stands for any failure other than an exited process or a denied
  // permission.
  process(tree, "5", "5 (whole) S", "").link("5/fd/1", "socket:[9]");
  tree.directory("6").link("6/fd", "fd").file("6/stat", "6 (fd) S");
  process(tree, "7", "", "").link("7/fd/1", "socket:[10]");
  std::filesystem::remove(tree.path() + "/7/stat");
  tree.link("7/stat", "stat");
  const OwnerIndex index = OwnerIndex::scan(tree.proc(), {});
  BOOST_TEST(index.coverage().unread == 2u);
  BOOST_TEST(index.coverage().unread_error == ELOOP);
  BOOST_TEST(index.coverage().races == 0u);
  BOOST_TEST(index.coverage().lost());
  BOOST_TEST(index.first(9).comm == "whole");
  BOOST_TEST(index.first(10).pid == 7u);  // kept, without a name
  BOOST_TEST(reasons(index.coverage()) == "2 processes unreadable: Too many levels of symbolic links");
}

BOOST_AUTO_TEST_CASE(reasons_are_told) {
  OwnerCoverage c;
  BOOST_TEST(!c.incomplete());
  BOOST_TEST(reasons(c) == "");
  c.denied = 1, c.links_denied = 3, c.may_hide = true;
  BOOST_TEST(c.incomplete());
  BOOST_TEST(!c.lost());
  BOOST_TEST(owners_line("ss", c, 2) ==
             "ss: owners: incomplete, 2 sockets of unknown owner: no permission to look at 1 process; no permission to "
             "look at 3 "
             "descriptors; processes may be hidden (hidepid, or another PID namespace)");
  c = {};
  c.unread = 2, c.unread_error = EMFILE, c.details_unread = 1, c.details_error = ENOMEM;
  BOOST_TEST(c.lost());
  BOOST_TEST(owners_line("ss", c, 1) ==
             "ss: owners: incomplete, 1 socket of unknown owner: 2 processes unreadable: Too many open files; details "
             "of 1 process "
             "unreadable: Cannot allocate memory");
}

BOOST_AUTO_TEST_CASE(hidden_processes) {
  Tree tree;
  BOOST_TEST(sees_every_process(tree.proc()));  // ordinary files
  const auto recorded = [](const char* stat) {
    auto image = std::make_shared<ProcImage>();
    if (stat != nullptr) image->files["2/stat"] = {0, false, false, stat};
    return ProcDir(image);
  };
  BOOST_TEST(sees_every_process(recorded("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0")));
  BOOST_TEST(sees_every_process(recorded("2 (x) y) S 0 0 0 0 -1 2097152 0 0")));
  BOOST_TEST(!sees_every_process(recorded("2 (kthreadd) S 0 0 0 0 -1 4194560 0 0")));  // a process that took the name
  BOOST_TEST(!sees_every_process(recorded("2 (kthreadd) S 0 0")));
  BOOST_TEST(!sees_every_process(recorded("")));
  BOOST_TEST(!sees_every_process(recorded(nullptr)));
}

BOOST_AUTO_TEST_CASE(a_recorded_process_that_could_not_be_read) {
  auto image = std::make_shared<ProcImage>();
  image->tasks.push_back({.pid = 5, .tid = 5, .error = EMFILE, .links_denied = 0, .sockets = {}});
  image->tasks.push_back({.pid = 6, .tid = 6, .error = EACCES, .links_denied = 0, .sockets = {}});
  const OwnerCoverage coverage = OwnerIndex::scan(ProcDir(image), {}).coverage();
  BOOST_TEST(coverage.unread == 1u);
  BOOST_TEST(coverage.unread_error == EMFILE);
  BOOST_TEST(coverage.denied == 1u);
  BOOST_TEST(coverage.races == 0u);
}

BOOST_AUTO_TEST_CASE(details_of_processes) {
  Tree tree;
  process(tree, "5", "5 (x) S", "a\0b").link("5/exe", "/bin/x").file("5/cgroup", "0::/a.service\n");
  process(tree, "6", "6 (x) S", "").link("6/exe", "/bin/x");
  const ProcDir proc = tree.proc();
  Processes processes(proc, {ProcessField::exe, ProcessField::cmdline, ProcessField::unit});
  {
    const FreeDescriptors left(0);
    BOOST_TEST(*processes.of(5).exe == "/bin/x");
    BOOST_TEST(!processes.of(5).unit);
    BOOST_TEST(!processes.of(6).cmdline);
    BOOST_TEST(!processes.of(7).cmdline);
    BOOST_TEST(processes.unread() == 3u);
    BOOST_TEST(processes.unread_error() == EMFILE);
  }
  BOOST_TEST(*processes.of(5).unit == "a.service");
  BOOST_TEST(!processes.of(6).unit);
  BOOST_TEST(processes.unread() == 1u);  // process 7, whose existence is unknown
  processes.of(7);
  BOOST_TEST(processes.unread() == 0u);
}

/// The limit of descriptors is often 1024, and may be raised.
boost::test_tools::assertion_result many_descriptors(boost::unit_test::test_unit_id) {
  rlimit limit{};
  constexpr rlim_t kEnough = 2100;  // the last one is 2000 or just above
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < kEnough) return false;
  limit.rlim_cur = std::max(limit.rlim_cur, kEnough);
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

BOOST_AUTO_TEST_CASE(a_table_with_many_descriptors_and_holes, *boost::unit_test::precondition(many_descriptors)) {
  const Fd one(::socket(AF_UNIX, SOCK_STREAM, 0));
  struct stat status{};
  BOOST_REQUIRE(::fstat(one.get(), &status) == 0);
  std::vector<Fd> copies;
  std::set<std::uint32_t> expected{static_cast<std::uint32_t>(one.get())};
  while (copies.size() < 1500) {
    copies.emplace_back(::fcntl(one.get(), F_DUPFD_CLOEXEC, 0));
    BOOST_REQUIRE(copies.back());
  }
  for (std::size_t i = 0; i < copies.size(); i += 7) copies[i] = Fd();
  copies.emplace_back(::fcntl(one.get(), F_DUPFD_CLOEXEC, 2000));  // far above the others
  BOOST_REQUIRE(copies.back());
  for (const Fd& copy : copies)
    if (copy) expected.insert(static_cast<std::uint32_t>(copy.get()));
  // Also while descriptors are opened and closed, so that as many are found as are open before the last one is reached.
  std::atomic<bool> stop = false;
  std::thread opens([&] {
    while (!stop) Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  });
  for (int round = 0; round < 20; ++round) {
    std::set<std::uint32_t> seen;
    const OwnerIndex index = OwnerIndex::scan(ProcDir(), {});
    index.each(status.st_ino, [&](const Owner& owner) { return seen.insert(owner.fd), true; });
    BOOST_TEST((seen == expected));
  }
  stop = true;
  opens.join();
}

BOOST_AUTO_TEST_SUITE_END()
