// One pass over the descriptors of all processes. A link /proc/PID/fd/N (proc_fd_link(), sockfs_dname()) reads
// "socket:[31337]"; until Linux 2.2 it was "[0000]:31337".
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/owners.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "src/base/cursor.h"

namespace duostat {

/// Entries in the order in which they were found; an open-addressing table finds the last and the first of each inode.
struct OwnerIndex::Table {
  static constexpr std::uint32_t kNone = 0xffffffff;

  struct Text {
    std::uint32_t offset = 0, length = 0;
  };
  struct Task {
    std::uint32_t pid, tid;
    Text comm, argv0, context;
  };
  struct Entry {
    std::uint32_t task, fd;
    std::uint32_t before;  ///< the entry of the same inode found before this one
  };
  struct Slot {
    std::uint64_t inode = 0;  ///< 0: free
    std::uint32_t first = kNone, last = kNone;
  };

  OwnerCoverage coverage;
  std::vector<Slot> slots;  ///< none, or a power of two of them, at most half of them used
  std::size_t inodes = 0;
  std::vector<Entry> entries;
  std::vector<Task> tasks;
  std::string text;

  Text keep(std::string_view bytes) {
    const Text kept{static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(bytes.size())};
    text.append(bytes);
    return kept;
  }
  std::string_view view(Text t) const { return std::string_view(text).substr(t.offset, t.length); }
  Owner owner(std::uint32_t entry) const {
    const Entry& e = entries[entry];
    const Task& task = tasks[e.task];
    return {task.pid, task.tid, e.fd, view(task.comm), view(task.argv0), view(task.context)};
  }

  /// The slot of `inode`, or the free one where it would go.
  static std::size_t place(const std::vector<Slot>& in, std::uint64_t inode) {
    const std::size_t mask = in.size() - 1;
    // Fibonacci hashing: neighbouring inodes, the usual case, end up far apart.
    std::size_t at = (inode * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (in[at].inode != 0 && in[at].inode != inode) at = (at + 1) & mask;
    return at;
  }
  const Slot* find(std::uint64_t inode) const {
    if (inode == 0 || slots.empty()) return nullptr;
    const Slot& slot = slots[place(slots, inode)];
    return slot.inode == inode ? &slot : nullptr;
  }
  void grow() {
    std::vector<Slot> larger(std::max<std::size_t>(1024, slots.size() * 4));
    for (const Slot& slot : slots)
      if (slot.inode != 0) larger[place(larger, slot.inode)] = slot;
    slots.swap(larger);
  }
  void add(std::uint64_t inode, std::uint32_t task, std::uint32_t fd) {
    if (inodes * 2 >= slots.size()) grow();
    Slot& slot = slots[place(slots, inode)];
    const auto entry = static_cast<std::uint32_t>(entries.size());
    entries.push_back({task, fd, slot.last});
    slot.last = entry;
    if (slot.inode == 0) {
      slot.inode = inode;
      slot.first = entry;
      ++inodes;
    }
  }
};

namespace {

constexpr std::size_t kArgvBytes = 511;  // as much as netstat looks at

/// The inode in the text of a descriptor's link; 0 if it is no socket.
std::uint64_t socket_inode(std::string_view link) noexcept {
  constexpr std::string_view kNow = "socket:[", kOnce = "[0000]:";
  const bool now = link.starts_with(kNow);
  if (!now && !link.starts_with(kOnce)) return 0;
  link.remove_prefix(now ? kNow.size() : kOnce.size());
  std::uint64_t inode = 0;
  const auto [end, error] = std::from_chars(link.data(), link.data() + link.size(), inode);
  const std::string_view rest(end, static_cast<std::size_t>(link.data() + link.size() - end));
  return error == std::errc{} && rest == (now ? "]" : "") ? inode : 0;
}

/// The task name in the text of a stat file: a name may contain any byte, ')' too, but nothing behind it does.
std::string_view comm_of(std::string_view stat) noexcept {
  const std::size_t open = stat.find('('), close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return {};
  return stat.substr(open + 1, close - open - 1);
}

/// "PID", "PID/task/TID", and names below them; a buffer that never has to grow.
class Path {
 public:
  Path& number(std::uint32_t value) {
    size_ = static_cast<std::size_t>(std::to_chars(text_ + size_, text_ + sizeof text_, value).ptr - text_);
    text_[size_] = '\0';
    return *this;
  }
  Path& name(std::string_view value) {
    std::memcpy(text_ + size_, value.data(), value.size());
    text_[size_ += value.size()] = '\0';
    return *this;
  }
  Path with(std::string_view value) const { return Path(*this).name(value); }
  const char* c_str() const { return text_; }

 private:
  char text_[64] = {};
  std::size_t size_ = 0;
};

}  // namespace

/// The pass itself.
class OwnerScanner {
 public:
  using Table = OwnerIndex::Table;
  OwnerScanner(const OwnerRequest& request, Table& table) : request_(request), table_(table) {}

  void run(const std::string& root) {
    root_ = open_directory(AT_FDCWD, root.c_str());
    std::vector<std::uint32_t> pids;
    if (!root_ || !numbers(root_.get(), pids)) {
      table_.coverage.error = errno;
      return;
    }
    for (const std::uint32_t pid : pids) process(pid);
  }

  /// The same of a recorded proc file system.
  void replay(const ProcImage& image) {
    table_.coverage.error = image.tasks_error;
    std::uint32_t denied_pid = 0;
    for (const ProcImage::Task& task : image.tasks) {
      if (task.tid != task.pid && (!request_.threads || denied_pid == task.pid)) continue;
      denied_ = false;
      if (task.error != 0) failed(task.error);
      table_.coverage.links_denied += task.links_denied;
      table_.coverage.descriptors += task.sockets.size();
      if (denied_ && std::exchange(denied_pid, task.pid) != task.pid) ++table_.coverage.denied;
      if (task.sockets.empty()) continue;
      Path base = Path().number(task.pid);
      if (task.tid != task.pid) base.name("/task/").number(task.tid);
      const auto contents = [&](const Path& path, std::size_t most) {
        int error = 0;
        const ProcImage::File* file = image.find(path.c_str(), false, error);
        return file == nullptr ? std::string_view() : std::string_view(file->text).substr(0, most);
      };
      const std::uint32_t number = describe(base, task.pid, task.tid, contents);
      for (const ProcImage::Descriptor& d : task.sockets) table_.add(d.inode, number, d.fd);
    }
  }

 private:
  static Fd open_directory(int at, const char* path) {
    return Fd(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  /// EACCES or EPERM. Anything else that goes wrong below /proc/PID means that somebody has just ended.
  static bool is_denied(int error) noexcept { return error == EACCES || error == EPERM; }

  /// The entries of a directory that are numbers, ascending as procfs lists them (another file system may not); false
  /// and errno if it cannot be read.
  bool numbers(int directory, std::vector<std::uint32_t>& found) {
    found.clear();
    for (;;) {
      const long n = ::syscall(SYS_getdents64, directory, buffer_, sizeof buffer_);
      if (n < 0) return false;
      if (n == 0) break;
      for (long at = 0; at < n;) {
        const auto* entry = reinterpret_cast<const dirent64*>(buffer_ + at);
        at += entry->d_reclen;
        const char* end = entry->d_name + std::strlen(entry->d_name);
        std::uint32_t number;
        const auto result = std::from_chars(entry->d_name, end, number);
        if (result.ec == std::errc{} && result.ptr == end) found.push_back(number);
      }
    }
    if (!std::ranges::is_sorted(found)) std::ranges::sort(found);
    return true;
  }

  void process(std::uint32_t pid) {
    denied_ = false;
    const Path base = Path().number(pid);
    task(base, pid, pid);
    if (request_.threads && !denied_) {
      const Fd tasks = open_directory(root_.get(), base.with("/task").c_str());
      if (tasks && numbers(tasks.get(), tids_)) {
        for (const std::uint32_t tid : tids_)
          if (tid != pid) task(base.with("/task/").number(tid), pid, tid);
      } else {
        failed(errno);
      }
    }
    if (denied_) ++table_.coverage.denied;
  }
  void failed(int error) noexcept {
    if (is_denied(error)) {
      denied_ = true;
    } else {
      ++table_.coverage.races;
    }
  }

  void task(const Path& base, std::uint32_t pid, std::uint32_t tid) {
    const Fd directory = open_directory(root_.get(), base.with("/fd").c_str());
    if (!directory || !numbers(directory.get(), fds_)) return failed(errno);
    std::uint32_t number = Table::kNone;
    for (const std::uint32_t fd : fds_) {
      char link[64];
      const ssize_t length = ::readlinkat(directory.get(), Path().number(fd).c_str(), link, sizeof link);
      if (length < 0) {
        if (is_denied(errno)) {
          ++table_.coverage.links_denied;
        } else if (errno != EINVAL) {
          ++table_.coverage.races;
        }
        continue;
      }
      const std::uint64_t inode = socket_inode({link, static_cast<std::size_t>(length)});
      if (inode == 0) continue;
      if (number == Table::kNone) number = describe(base, pid, tid, [&](const Path& path, std::size_t most) { return contents(path, most); });
      table_.add(inode, number, fd);
      ++table_.coverage.descriptors;
    }
  }

  /// What was asked about a task that holds a socket.
  template <class Contents>
  std::uint32_t describe(const Path& base, std::uint32_t pid, std::uint32_t tid, Contents contents) {
    Table::Task task{pid, tid, {}, {}, {}};
    if (request_.comm) task.comm = table_.keep(comm_of(contents(base.with("/stat"), sizeof buffer_)));
    if (request_.argv0) {
      const std::string_view arguments = contents(base.with("/cmdline"), kArgvBytes);
      task.argv0 = table_.keep(arguments.substr(0, arguments.find('\0')));
    }
    if (request_.context) {
      const std::string_view context = contents(base.with("/attr/current"), sizeof buffer_);
      task.context = table_.keep(context.substr(0, context.find_first_of(std::string_view("\0\n", 2))));
    }
    table_.tasks.push_back(task);
    return static_cast<std::uint32_t>(table_.tasks.size() - 1);
  }
  /// Up to `most` bytes of a file; empty if there is none. Valid until the next call.
  std::string_view contents(const Path& path, std::size_t most) {
    const Fd fd(::openat(root_.get(), path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return {};
    std::size_t size = 0;
    while (size < most) {
      const ssize_t n = ::read(fd.get(), buffer_ + size, most - size);
      if (n > 0) {
        size += static_cast<std::size_t>(n);
      } else if (n == 0 || errno != EINTR) {
        break;
      }
    }
    return {buffer_, size};
  }

  const OwnerRequest& request_;
  Table& table_;
  Fd root_;
  std::vector<std::uint32_t> tids_, fds_;
  bool denied_ = false;  ///< a directory of the process at hand may not be looked at
  alignas(dirent64) char buffer_[32 * 1024];
};

OwnerIndex::OwnerIndex() : table_(std::make_unique<Table>()) {}
OwnerIndex::OwnerIndex(OwnerIndex&&) noexcept = default;
OwnerIndex& OwnerIndex::operator=(OwnerIndex&&) noexcept = default;
OwnerIndex::~OwnerIndex() = default;

OwnerIndex OwnerIndex::scan(const ProcDir& proc, const OwnerRequest& request) {
  OwnerIndex index;
  if (ProcWitness* witness = proc.witness()) {
    std::string files = "PID/fd/*";
    if (request.threads) files += " PID/task/TID/fd/*";
    if (request.comm) files += " PID/stat";
    if (request.argv0) files += " PID/cmdline";
    if (request.context) files += " PID/attr/current";
    witness->walk(files);
    return index;
  }
  OwnerScanner scanner(request, *index.table_);
  if (proc.image() != nullptr) scanner.replay(*proc.image());
  else scanner.run(proc.root());
  return index;
}

void OwnerIndex::each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const {
  const Table::Slot* slot = table_->find(inode);
  if (slot == nullptr) return;
  for (std::uint32_t entry = slot->last; entry != Table::kNone; entry = table_->entries[entry].before)
    if (!visit(table_->owner(entry))) return;
}

Owner OwnerIndex::first(std::uint64_t inode) const {
  const Table::Slot* slot = table_->find(inode);
  return slot == nullptr ? Owner{} : table_->owner(slot->first);
}

const OwnerCoverage& OwnerIndex::coverage() const noexcept { return table_->coverage; }

}  // namespace duostat
