// A line of /proc/self/mountinfo for a mounted namespace (show_mountinfo()):
//
//   512 28 0:4 net:[4026532245] /run/netns/blue rw shared:310 - nsfs nsfs rw
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <exception>
#include <memory>
#include <system_error>
#include <thread>
#include <unordered_map>
#include <utility>

#include "src/base/callers_rights.h"
#include "src/base/cursor.h"
#include "src/base/directory.h"
#include "src/base/error.h"
#include "src/base/fd.h"
#include "src/base/lines.h"
#include "src/collect/derived_environment.h"
#include "src/collect/dry_run.h"
#include "src/collect/namespaces.h"
#include "src/procfs/owners.h"

namespace duostat {
namespace {

/// The inode in "net:[4026531840]"; 0 if it is not that.
std::uint64_t inode_in(std::string_view link) {
  constexpr std::string_view kHead = "net:[";
  if (!link.starts_with(kHead) || !link.ends_with(']')) return 0;
  std::uint64_t inode = 0;
  const char* const end = link.data() + link.size() - 1;
  const auto result = std::from_chars(link.data() + kHead.size(), end, inode);
  return result.ec == std::errc() && result.ptr == end ? inode : 0;
}

/// Decodes the octal escapes of mountinfo: "\040" is a blank (mangle_path()).
std::string without_octal(std::string_view text) {
  constexpr std::size_t kEscape = 4;
  std::string plain;
  while (!text.empty()) {
    unsigned byte = 0;
    const char* const end = text.data() + kEscape;
    const bool escape = text.size() >= kEscape && text[0] == '\\' &&
                        std::from_chars(text.data() + 1, end, byte, 8).ptr == end && byte <= 0xff;
    plain.push_back(escape ? static_cast<char>(byte) : text[0]);
    text.remove_prefix(escape ? kEscape : 1);
  }
  return plain;
}

/// The folder of a task in it.
std::string task_of(const NetworkNamespace& place) {
  return place.task.empty() ? std::to_string(place.pid.value_or(0)) : place.task;
}

class NamespaceFinder {
 public:
  NamespaceFinder(const ProcDir& proc, const std::string& named) : proc_(proc), named_(named) {}

  NetworkNamespaces find() {
    int error = 0;
    if (const std::uint64_t own = inode_in(proc_.read_link("self/ns/net", error))) at(own).own = true;
    std::vector<std::uint32_t> pids = processes();
    for (const std::uint32_t pid : pids) process(pid);
    for (const std::uint32_t pid : pids) threads(pid);
    const bool this_host = proc_.image() == nullptr && !proc_.given();
    if (this_host) name_files();
    mounts();
    unreadable();
    std::ranges::stable_sort(found_.list, [](const NetworkNamespace& a, const NetworkNamespace& b) {
      return std::pair(!a.own, a.inode) < std::pair(!b.own, b.inode);
    });
    found_.in_initial = in_initial_network_namespace(proc_);
    return std::move(found_);
  }

 private:
  NetworkNamespace& at(std::uint64_t inode) {
    const auto [known, added] = places_.try_emplace(inode, found_.list.size());
    if (added) found_.list.push_back({.inode = inode, .name = {}, .path = {}, .pid = {}});
    return found_.list[known->second];
  }

  std::vector<std::uint32_t> processes() {
    std::vector<std::uint32_t> pids;
    if (const ProcImage* image = proc_.image()) {
      found_.error = image->tasks_error;
      for (const ProcImage::Task& task : image->tasks)
        if (task.pid == task.tid) pids.push_back(task.pid);
    } else if (proc_.dry_run() != nullptr) {
      proc_.dry_run()->walk("PID/ns/net");
    } else {
      found_.error = numbers_in(proc_.root(), pids);
    }
    return pids;
  }

  /// ENOENT is not an error: a missing file keeps no namespace.
  void failed(int error) {
    if (error != 0 && error != ENOENT && found_.error == 0) found_.error = error;
  }

  static void add(NetworkNamespace& place, std::uint32_t pid) {
    ++place.processes;
    if (!place.pid || pid < *place.pid) place.pid = pid;
  }

  void process(std::uint32_t pid) {
    int error = 0;
    const std::string link = proc_.read_link(std::to_string(pid) + "/ns/net", error);
    if (const std::uint64_t inode = inode_in(link)) add(at(inode), pid);
    else if (error != 0 && !is_gone(error)) denied_.push_back(pid);
  }

  /// A namespace that only threads are in. Nothing is read of a process with one thread.
  void threads(std::uint32_t pid) {
    constexpr nlink_t kOneThread = 3;  // of the folder: itself, its name, and a folder for each thread
    const std::string folder = std::to_string(pid) + "/task";
    struct stat about;
    if (proc_.image() != nullptr || proc_.dry_run() != nullptr) return;
    if (::stat(proc_.path(folder).c_str(), &about) != 0 || about.st_nlink == kOneThread) return;
    std::vector<std::uint32_t> tids;
    if (const int error = numbers_in(proc_.path(folder), tids); !is_gone(error)) failed(error);
    for (const std::uint32_t tid : tids) {
      if (tid == pid) continue;
      int error = 0;
      const std::string task = folder + "/" + std::to_string(tid);
      const std::uint64_t inode = inode_in(proc_.read_link(task + "/ns/net", error));
      if (inode == 0) continue;
      NetworkNamespace& place = at(inode);
      if (place.pid || place.own) continue;
      place.pid = pid;
      place.task = task;
    }
  }

  /// The inode that /proc/TASK/net/unix has for all processes of a namespace; 0: unknown.
  std::uint64_t table_inode(const std::string& relative) const {
    struct stat about;
    return ::stat(proc_.path(relative).c_str(), &about) == 0 ? about.st_ino : 0;
  }

  /// Processes whose link could not be read: finds the namespace by its tables.
  void unreadable() {
    if (denied_.empty()) return;
    std::vector<std::pair<std::uint64_t, std::size_t>> tables;  // and the place in the list
    if (proc_.image() == nullptr)
      for (std::size_t i = 0; i < found_.list.size(); ++i) {
        const NetworkNamespace& place = found_.list[i];
        if (place.own) tables.emplace_back(table_inode("net/unix"), i);
        else if (place.pid) tables.emplace_back(table_inode(task_of(place) + "/net/unix"), i);
      }
    for (const std::uint32_t pid : denied_) {
      const std::uint64_t table = proc_.image() == nullptr ? table_inode(std::to_string(pid) + "/net/unix") : 0;
      if (table == 0) {
        if (proc_.exists(std::to_string(pid))) ++found_.unknown;
        continue;
      }
      auto known = std::ranges::find(tables, table, &std::pair<std::uint64_t, std::size_t>::first);
      if (known == tables.end()) {
        found_.list.push_back({.inode = 0, .name = {}, .path = {}, .pid = {}});
        known = tables.emplace(tables.end(), table, found_.list.size() - 1);
      }
      add(found_.list[known->second], pid);
    }
  }

  /// The files of `ip netns`: mounts, or links that somebody made to /proc/PID/ns/net.
  void name_files() {
    constexpr long kNsfsMagic = 0x6e736673;  // include/uapi/linux/magic.h
    const std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(named_.c_str()), ::closedir);
    if (!dir) return failed(errno);
    for (;;) {
      errno = 0;
      const dirent* const entry = ::readdir(dir.get());
      if (entry == nullptr) return failed(errno);
      const std::string path = named_ + "/" + entry->d_name;
      struct stat about;
      struct statfs system;
      if (::stat(path.c_str(), &about) != 0) {
        failed(errno);
        continue;
      }
      if (!S_ISREG(about.st_mode)) continue;
      if (::statfs(path.c_str(), &system) != 0 || static_cast<long>(system.f_type) != kNsfsMagic) continue;
      NetworkNamespace& place = at(about.st_ino);
      if (!place.name.empty() && place.name <= entry->d_name) continue;  // several names: the first by the alphabet
      place.name = entry->d_name;
      place.path = path;
    }
  }

  void mounts() {
    int error = 0;
    const std::string text = proc_.read("self/mountinfo", error);
    failed(error);
    std::string_view rest = text, line;
    while (next_line(rest, line)) mount(line);
  }

  void mount(std::string_view line) {
    if (line.find(" - nsfs ") == std::string_view::npos) return;
    Cursor cursor(line);
    std::string_view word, root, point;
    if (!cursor.word(word) || !cursor.word(word) || !cursor.word(word) || !cursor.word(root) || !cursor.word(point))
      return;
    const std::uint64_t inode = inode_in(root);
    if (inode == 0) return;
    NetworkNamespace& place = at(inode);
    if (!place.name.empty()) return;
    place.path = without_octal(point);
    place.name = place.path;
    constexpr std::string_view kFolders[] = {"/run/netns/", "/var/run/netns/"};
    for (const std::string_view folder : kFolders)
      if (place.path.starts_with(folder)) place.name = place.path.substr(folder.size());
  }

  const ProcDir& proc_;
  const std::string& named_;
  NetworkNamespaces found_;
  std::unordered_map<std::uint64_t, std::size_t> places_;  ///< by inode, in the list
  std::vector<std::uint32_t> denied_;
};

/// Opens the namespace. On failure returns no descriptor, with errno in `error`; ESTALE: the process or the file is in
/// another one by now.
Fd open_place(const ProcDir& proc, const NetworkNamespace& place, int& error) {
  Fd fd;
  error = ENOENT;
  std::vector<std::string> paths;
  if (!place.path.empty()) paths.push_back(place.path);
  if (place.pid) paths.push_back(proc.path(task_of(place) + "/ns/net"));
  for (const std::string& path : paths) {
    fd = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat about;
    if (!fd) error = errno;
    else if (::fstat(fd.get(), &about) != 0 || (place.inode != 0 && about.st_ino != place.inode)) error = ESTALE;
    else return error = 0, std::move(fd);
  }
  return {};
}

std::string name_of(const NetworkNamespace& place) {
  return "network namespace " + (!place.name.empty() ? place.name
                                 : place.inode != 0  ? "net:[" + std::to_string(place.inode) + "]"
                                                     : "of process " + std::to_string(place.pid.value_or(0)));
}
std::string failed(const NetworkNamespace& place, int error) {
  return name_of(place) + ": " + (error == ESTALE ? "it has ended" : error_text(error));
}

}  // namespace

std::optional<bool> in_initial_network_namespace(const ProcDir& proc) {
  const auto readable = [&](std::string_view file) {
    int error = 0;
    return !proc.read(file, error).empty();
  };
  if (readable("sys/net/ipv4/tcp_mem")) return true;
  if (readable("sys/net/ipv4/ip_local_port_range")) return false;
  int error = 0;
  const std::uint64_t own = inode_in(proc.read_link("self/ns/net", error));
  const std::uint64_t first = inode_in(proc.read_link("1/ns/net", error));
  if (own == 0 || first == 0) return std::nullopt;
  return own == first;
}

NetworkNamespaces find_network_namespaces(const ProcDir& proc, const std::string& named) {
  return NamespaceFinder(proc, named).find();
}

Fd open_network_namespace(const ProcDir& proc, NetworkNamespace& place, int& error) {
  constexpr int kTries = 3;
  Fd fd = open_place(proc, place, error);
  for (int tries = 0; !fd && has_ended(error) && place.inode != 0 && tries < kTries; ++tries) {
    const NetworkNamespaces now = find_network_namespaces(proc);
    const auto again = std::ranges::find(now.list, place.inode, &NetworkNamespace::inode);
    if (again == now.list.end()) return {};
    place.path = again->path;
    place.pid = again->pid;
    place.task = again->task;
    fd = open_place(proc, place, error);
  }
  return fd;
}

std::string read_in_namespace(Environment& env, const NetworkNamespace& listed,
                              FunctionRef<void(Environment&, bool only_files)> read, int* reason) {
  NetworkNamespace place = listed;
  const auto fail = [&](int error) {
    if (reason != nullptr) *reason = error;
    return failed(place, error);
  };
  if (place.own) return read(env, false), std::string();
  if (env.secure) return fail(EPERM), name_of(place) + ": " + std::string(kOnlyShows);
  if (env.proc.image() != nullptr) return fail(ENODATA);  // a capture has the sockets of one namespace
  if (env.dry_run != nullptr) {
    env.dry_run->network_namespace(place.path.empty() ? "/proc/PID/ns/net" : std::string_view(place.path));
    return read(env, false), std::string();
  }
  int error = 0;
  std::exception_ptr thrown;
  if (const Fd fd = open_network_namespace(env.proc, place, error)) {
    const ProcDir proc = env.proc.of_task("thread-self");
    Environment inside = derived(env, {.proc = &proc});
    const auto enter_and_read = [&] {
      if (::setns(fd.get(), CLONE_NEWNET) != 0) return void(error = errno);
      try {
        read(inside, false);
      } catch (...) {
        thrown = std::current_exception();
      }
    };
    try {
      std::thread(enter_and_read).join();
    } catch (const std::system_error& none) {
      return fail(none.code().value());
    }
    if (thrown) std::rethrow_exception(thrown);
  }
  if (error == 0) return {};
  if (!is_denied(error) || !place.pid) return fail(error);
  const ProcDir proc = env.proc.of_task(task_of(place));
  struct stat about;
  if (::stat(proc.path("net/unix").c_str(), &about) != 0) return fail(errno);
  Environment outside = derived(env, {.proc = &proc});
  // A socket of this thread would answer for the caller's namespace.
  outside.open_transport = [](int, OpenError& refused) {
    refused.error = EPERM;
    return std::unique_ptr<Transport>();
  };
  return read(outside, true), std::string();
}

}  // namespace duostat
