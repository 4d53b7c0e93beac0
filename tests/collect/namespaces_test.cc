// Network namespaces in made-up proc trees, and the way into one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/namespaces.h"

#include <netinet/in.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <memory>

#include "src/base/error.h"
#include "src/collect/host.h"
#include "src/collect/sockets.h"
#include "src/diag/transport.h"
#include "tests/base/scratch.h"
#include "tests/collect/fake_world.h"

namespace duostat {
namespace {

struct NamespaceTree : test::Scratch {
  const NamespaceTree& link(const std::string& relative, std::string_view target) const {
    const auto path = std::filesystem::path(this->path()) / relative;
    std::filesystem::create_directories(path.parent_path());
    std::filesystem::create_symlink(target, path);
    return *this;
  }
  NetworkNamespaces found() const { return find_network_namespaces(ProcDir(path(), {}, false), path() + "/none"); }
};

BOOST_AUTO_TEST_CASE(processes_and_mounts) {
  const NamespaceTree tree;
  tree.link("self/ns/net", "net:[40]").link("1/ns/net", "net:[10]");
  tree.link("7/ns/net", "net:[40]").link("12/ns/net", "net:[30]").link("9/ns/net", "net:[30]");
  tree.write("self/mountinfo",
             "512 28 0:4 net:[20] /run/netns/blue rw shared:3 - nsfs nsfs rw\n"
             "513 28 0:4 net:[30] /run/docker/netns/a\\040b\\134c rw - nsfs nsfs rw\n"
             "514 28 0:4 mnt:[50] /run/snapd/ns/x.mnt rw - nsfs nsfs rw\n"
             "515 28 0:22 / /proc rw - proc proc rw\n"
             "516 28 0:4 net:[60x] /bad rw - nsfs nsfs rw\n"
             "517 - nsfs nsfs rw\n");
  const NetworkNamespaces found = tree.found();
  BOOST_TEST(found.complete());
  BOOST_REQUIRE(found.list.size() == 4u);
  BOOST_TEST(found.list[0].inode == 40u);
  BOOST_TEST(found.list[0].own);
  BOOST_TEST(*found.list[0].pid == 7u);
  BOOST_TEST(found.list[1].inode == 10u);
  BOOST_TEST(*found.list[1].pid == 1u);
  BOOST_TEST(found.list[2].inode == 20u);
  BOOST_TEST(found.list[2].name == "blue");
  BOOST_TEST(found.list[2].path == "/run/netns/blue");
  BOOST_TEST(!found.list[2].pid);
  BOOST_TEST(found.list[3].name == "/run/docker/netns/a b\\c");
  BOOST_TEST(*found.list[3].pid == 9u);
  BOOST_TEST(found.list[3].processes == 2u);
  BOOST_TEST((found.in_initial == false));  // not that of process 1
}

BOOST_AUTO_TEST_CASE(the_initial_one) {
  const NamespaceTree tree;
  BOOST_TEST(!tree.found().in_initial.has_value());
  tree.link("self/ns/net", "net:[40]");
  BOOST_TEST(!tree.found().in_initial.has_value());
  tree.link("1/ns/net", "net:[40]");
  BOOST_TEST((tree.found().in_initial == true));
  // A process 1 in the same namespace is that of a container if sysctl lacks the host's limits.
  tree.write("sys/net/ipv4/ip_local_port_range", "32768 60999\n");
  BOOST_TEST((tree.found().in_initial == false));
  tree.write("sys/net/ipv4/tcp_mem", "1 2 3\n");
  BOOST_TEST((tree.found().in_initial == true));
}

BOOST_AUTO_TEST_CASE(unreadable_links_are_told_apart_by_their_tables) {
  const NamespaceTree tree;
  tree.link("self/ns/net", "net:[40]").write("net/unix", "");
  // A link that cannot be read; a loop is any error that is not about permission.
  for (const char* pid : {"5", "6", "7", "8"}) tree.link(std::string(pid) + "/ns", "ns");
  const std::filesystem::path root = tree.path();
  std::filesystem::create_directories(root / "5/net");
  std::filesystem::create_hard_link(root / "net/unix", root / "5/net/unix");
  tree.write("6/net/unix", "");
  std::filesystem::create_directories(root / "7/net");
  std::filesystem::create_hard_link(root / "6/net/unix", root / "7/net/unix");
  const NetworkNamespaces found = tree.found();
  BOOST_REQUIRE(found.list.size() == 2u);
  BOOST_TEST(found.list[0].own);
  BOOST_TEST(*found.list[0].pid == 5u);
  BOOST_TEST(found.list[1].inode == 0u);
  BOOST_TEST(*found.list[1].pid == 6u);
  BOOST_TEST(found.list[1].processes == 2u);
  BOOST_TEST(found.unknown == 1u);  // process 8
  BOOST_TEST(!found.complete());
}

BOOST_AUTO_TEST_CASE(threads_alone) {
  const NamespaceTree tree;
  tree.link("self/ns/net", "net:[40]").link("7/ns/net", "net:[40]");
  tree.link("7/task/7/ns/net", "net:[40]").link("7/task/8/ns/net", "net:[50]").link("7/task/9/ns/net", "net:[50]");
  // A process with one thread is not looked into.
  tree.link("6/ns/net", "net:[40]").link("6/task/6/ns/net", "net:[60]");
  const NetworkNamespaces found = tree.found();
  BOOST_REQUIRE(found.list.size() == 2u);
  BOOST_TEST(found.list[1].inode == 50u);
  BOOST_TEST(*found.list[1].pid == 7u);
  BOOST_TEST(found.list[1].task == "7/task/8");
}

std::string label_with(std::string_view cgroup, std::string_view name = {}) {
  const NamespaceTree tree;
  tree.write("7/stat", "7 (ngi nx) S 1");
  tree.write("7/cgroup", std::string(cgroup));
  std::vector<NetworkNamespace> list(1);
  list[0].inode = 40;
  list[0].pid = 7;
  list[0].name = name;
  name_network_namespaces(ProcDir(tree.path()), list);
  return list[0].label;
}

BOOST_AUTO_TEST_CASE(labels) {
  const std::string id(64, 'a'), start = "0::/", uid = "1c0e2b3a-0000-4000-8000-123456789abc";
  BOOST_TEST(label_with(start + "init.scope\n") == "7/ngi nx");
  BOOST_TEST(label_with(start + "system.slice/docker-" + id + ".scope\n") == "docker:aaaaaaaaaaaa");
  BOOST_TEST(label_with(start + "system.slice/docker-" + id + ".scope\n", "blue") == "blue");
  BOOST_TEST(label_with(start + "kubepods.slice/kubepods-pod1c0e2b3a_0000_4000_8000_123456789abc.slice/crio-" + id +
                        ".scope\n") == "pod:" + uid);
  BOOST_TEST(label_with(start + "machine.slice/libpod-" + id + ".scope/container\n") == "podman:aaaaaaaaaaaa");
  BOOST_TEST(label_with(start + "lxc.payload.web/system.slice/nginx.service\n") == "lxc:web");
  BOOST_TEST(label_with(start + "machine.slice/systemd-nspawn@my\\x2dbox.service/payload\n") == "nspawn:my-box");
}

BOOST_AUTO_TEST_CASE(labels_are_different) {
  const NamespaceTree tree;
  for (const char* pid : {"7", "8"}) {
    tree.write(std::string(pid) + "/stat", "7 (init) S 1");
    tree.write(std::string(pid) + "/cgroup", "0::/lxc.payload.web\n");
  }
  std::vector<NetworkNamespace> list(4);
  for (std::size_t i = 0; i < list.size(); ++i) list[i].inode = 40 + i;
  list[0].pid = 7;
  list[1].pid = 8;
  list[2].name = "blue";
  name_network_namespaces(ProcDir(tree.path()), list);
  BOOST_TEST(list[0].label == "lxc:web[40]");
  BOOST_TEST(list[1].label == "lxc:web[41]");
  BOOST_TEST(list[2].label == "blue");
  BOOST_TEST(list[3].label == "net:[43]");
}

BOOST_AUTO_TEST_CASE(a_tree_that_cannot_be_listed) {
  const NetworkNamespaces found = find_network_namespaces(ProcDir("/nonexistent"));
  BOOST_TEST(found.list.empty());
  BOOST_TEST(found.error == ENOENT);
  BOOST_TEST(!found.complete());
}

BOOST_AUTO_TEST_CASE(a_recorded_host) {
  auto image = std::make_shared<ProcImage>();
  image->files["self/ns/net"] = {.link = true, .text = "net:[40]"};
  image->files["5/ns/net"] = {.link = true, .text = "net:[41]"};
  image->files["6/ns/net"] = {.error = EACCES, .link = true, .text = {}};
  for (const std::uint32_t pid : {5u, 6u})
    image->tasks.push_back({.pid = pid, .tid = pid, .error = 0, .links_denied = 0, .sockets = {}});
  const NetworkNamespaces found = find_network_namespaces(ProcDir(image));
  BOOST_REQUIRE(found.list.size() == 2u);
  BOOST_TEST(found.list[0].inode == 40u);
  BOOST_TEST(found.list[1].inode == 41u);
  BOOST_TEST(found.unknown == 1u);
  StringSink sink;
  FakeWorld world(sink, ProcDir(image));
  bool ran = false;
  const auto read = [&](Environment&, bool) { ran = true; };
  BOOST_TEST(read_in_namespace(world.env, found.list[1], read) ==
             "network namespace net:[41]: No data available");
  BOOST_TEST(!ran);
  BOOST_TEST(read_in_namespace(world.env, found.list[0], read).empty());
  BOOST_TEST(ran);
}

BOOST_AUTO_TEST_CASE(a_namespace_that_has_ended) {
  const NamespaceTree tree;
  tree.write("9/ns/net", "");
  StringSink sink;
  FakeWorld world(sink, ProcDir(tree.path()));
  const auto read = [](Environment&, bool) { BOOST_ERROR("it ran"); };
  NetworkNamespace place;
  place.inode = 1;
  place.pid = 9;
  BOOST_TEST(read_in_namespace(world.env, place, read) == "network namespace net:[1]: it has ended");
  place.pid = 8;
  BOOST_TEST(read_in_namespace(world.env, place, read) ==
             "network namespace net:[1]: No such file or directory");
  place.pid.reset();
  place.name = "blue";
  BOOST_TEST(read_in_namespace(world.env, place, read) == "network namespace blue: No such file or directory");
}

// ---- real ones ----

/// A process in a network namespace of its own, with a TCP listener.
class Neighbour {
 public:
  Neighbour() {
    int ends[2];
    if (::pipe(ends) != 0) return;
    pid_ = ::fork();
    if (pid_ == 0) {
      sockaddr_in any{};
      any.sin_family = AF_INET;
      const bool entered = ::unshare(CLONE_NEWNET) == 0;
      const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const bool listens = ::bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any) == 0 && ::listen(fd, 1) == 0;
      const char said = entered && listens ? 'y' : 'n';
      [[maybe_unused]] const auto written = ::write(ends[1], &said, 1);
      ::pause();
      ::_exit(0);
    }
    ::close(ends[1]);
    char said = 'n';
    [[maybe_unused]] const auto got = ::read(ends[0], &said, 1);
    ::close(ends[0]);
    ready_ = said == 'y';
  }
  ~Neighbour() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;
  bool ready() const { return ready_; }
  std::uint32_t pid() const { return static_cast<std::uint32_t>(pid_); }

 private:
  pid_t pid_ = -1;
  bool ready_ = false;
};

boost::test_tools::assertion_result may_unshare(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(Neighbour().ready());
  if (!result) result.message() << "no private network namespace";
  return result;
}

std::string network_of(const std::string& task) {
  int error = 0;
  return ProcDir().read_link(task + "/ns/net", error);
}

BOOST_AUTO_TEST_CASE(two_real_namespaces, *boost::unit_test::precondition(may_unshare)) {
  const Neighbour first, second;
  BOOST_REQUIRE(first.ready());
  BOOST_REQUIRE(second.ready());
  const std::string here = network_of("thread-self");
  StringSink sink;
  FakeWorld world(sink, ProcDir());
  world.env.open_transport = open_netlink;
  const NetworkNamespaces found = find_network_namespaces(world.proc);
  BOOST_REQUIRE(!found.list.empty());
  BOOST_TEST(found.list[0].own);
  for (const Neighbour* neighbour : {&first, &second}) {
    const auto place = std::ranges::find(found.list, std::optional(neighbour->pid()), &NetworkNamespace::pid);
    BOOST_REQUIRE((place != found.list.end()));
    BOOST_TEST("net:[" + std::to_string(place->inode) + "]" == network_of(std::to_string(neighbour->pid())));
    int listeners = 0, listed_in_file = 0;
    const auto count = [&](Environment& inside, int& number, Via via) {
      const SocketRequest request{{Protocol::tcp}, {Family::inet}, mask_of(State::listen), {}};
      each_socket(inside, via, request, [&](const Socket&) { ++number; });
    };
    const std::string problem = read_in_namespace(world.env, *place, [&](Environment& inside, bool only_files) {
      BOOST_TEST(!only_files);
      BOOST_TEST(host_of(inside).netns == place->inode);
      BOOST_TEST((in_initial_network_namespace(inside.proc) == false));
      count(inside, listeners, Via::netlink);
      count(inside, listed_in_file, Via::procfs);
    });
    BOOST_TEST(problem == "");
    BOOST_TEST(listeners == 1);
    BOOST_TEST(listed_in_file == 1);
  }
  BOOST_TEST(network_of("thread-self") == here);
  // Names: files of nsfs in a folder, here links to those of a process.
  const NamespaceTree names;
  names.write("no-namespace", "");
  names.link("zed", "/proc/" + std::to_string(first.pid()) + "/ns/net");
  names.link("blue", "/proc/" + std::to_string(first.pid()) + "/ns/net");
  const NetworkNamespaces named = find_network_namespaces(world.proc, names.path());
  const auto blue = std::ranges::find(named.list, "blue", &NetworkNamespace::name);
  BOOST_REQUIRE((blue != named.list.end()));
  BOOST_TEST("net:[" + std::to_string(blue->inode) + "]" == network_of(std::to_string(first.pid())));
  BOOST_TEST(blue->path == names.path() + "/blue");
  // Exceptions leave the function.
  const auto throws = [](Environment&, bool) { throw UsageError("inside"); };
  BOOST_CHECK_THROW(read_in_namespace(world.env, found.list[1], throws), UsageError);
}

BOOST_AUTO_TEST_CASE(the_files_of_another_task) {
  const ProcDir proc = ProcDir("/proc").of_task("7");
  BOOST_TEST(proc.path("net/tcp") == "/proc/7/net/tcp");
  BOOST_TEST(proc.path("self/ns/net") == "/proc/7/ns/net");
  BOOST_TEST(proc.path("9/stat") == "/proc/9/stat");
  BOOST_TEST(proc.path("network") == "/proc/network");
  BOOST_TEST(proc.path("sys/net/core/somaxconn") == "/proc/sys/net/core/somaxconn");
}

}  // namespace
}  // namespace duostat
