// One pass over the descriptors of all processes. A link /proc/PID/fd/N (proc_fd_link(), sockfs_dname()) reads
// "socket:[31337]"; until Linux 2.2 it was "[0000]:31337".
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/owners.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <numeric>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "src/base/cursor.h"
#include "src/base/processors.h"

namespace duostat {

/// Entries in the order of process, task and descriptor, in one or two shards; an open-addressing table, built when all is
/// found, leads from an inode to its last entry, and each entry to the one before it.
struct OwnerIndex::Table {
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kSecondShard = 0x80000000;  ///< in the number of an entry

  struct Text {
    std::uint32_t offset = 0, length = 0;
  };
  struct Task {
    std::uint32_t pid, tid;
    Text comm, argv0, context;
  };
  struct Entry {
    std::uint32_t inode_low, inode_high;  ///< two halves: twenty bytes an entry, not twenty-four
    std::uint32_t task, fd;
    std::uint32_t before;  ///< the entry of the same inode found before this one

    std::uint64_t inode() const noexcept { return std::uint64_t{inode_high} << 32 | inode_low; }
  };
  /// What one scanner found.
  struct Shard {
    OwnerCoverage coverage;
    std::vector<Entry> entries;
    std::vector<Task> tasks;
    std::string text;

    Text keep(std::string_view bytes) {
      const Text kept{static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(bytes.size())};
      text.append(bytes);
      return kept;
    }
    void add(std::uint64_t inode, std::uint32_t task, std::uint32_t fd) {
      entries.push_back({static_cast<std::uint32_t>(inode), static_cast<std::uint32_t>(inode >> 32), task, fd, kNone});
    }
  };
  /// The entries of one process.
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };

  OwnerCoverage coverage;
  Shard shards[2];
  std::vector<std::uint32_t> slots;  ///< none, or a power of two of them, at most half of them used: last entries or kNone

  Entry& at(std::uint32_t number) { return shards[number / kSecondShard].entries[number % kSecondShard]; }
  const Entry& at(std::uint32_t number) const { return shards[number / kSecondShard].entries[number % kSecondShard]; }
  Owner owner(std::uint32_t number) const {
    const Shard& shard = shards[number / kSecondShard];
    const Entry& e = at(number);
    const Task& task = shard.tasks[e.task];
    const auto view = [&](Text t) { return std::string_view(shard.text).substr(t.offset, t.length); };
    return {task.pid, task.tid, e.fd, view(task.comm), view(task.argv0), view(task.context)};
  }

  /// The slot of `inode`, or the free one where it would go.
  std::size_t place(std::uint64_t inode) const {
    const std::size_t mask = slots.size() - 1;
    // Fibonacci hashing: neighbouring inodes, the usual case, end up far apart.
    std::size_t slot = (inode * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (slots[slot] != kNone && at(slots[slot]).inode() != inode) slot = (slot + 1) & mask;
    return slot;
  }
  /// The entry of `inode` found last, or kNone.
  std::uint32_t last(std::uint64_t inode) const {
    return inode == 0 || slots.empty() ? kNone : slots[place(inode)];
  }

  /// Builds the table; `ranges` has the processes in their order.
  void index(std::span<const Range> ranges) {
    const std::size_t entries = shards[0].entries.size() + shards[1].entries.size();
    if (entries == 0) return;
    slots.assign(std::bit_ceil(entries * 2), kNone);
    for (const Range& range : ranges) {
      for (std::uint32_t number = range.begin; number != range.end; ++number) {
        Entry& entry = at(number);
        std::uint32_t& slot = slots[place(entry.inode())];
        entry.before = std::exchange(slot, number);
      }
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

/// Looks at processes, one after the other.
class OwnerScanner {
 public:
  using Table = OwnerIndex::Table;
  OwnerScanner(int root, const OwnerRequest& request, Table::Shard& table) : root_(root), request_(request), table_(table) {}

  static Fd open_directory(int at, const char* path) {
    return Fd(::openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  }
  /// EACCES or EPERM. Anything else that goes wrong below /proc/PID means that somebody has just ended.
  static bool is_denied(int error) noexcept { return error == EACCES || error == EPERM; }

  /// The entries of a directory that are numbers, ascending as procfs lists them (another file system may not); false
  /// and errno if it cannot be read. `from`, of a directory of descriptors: only those from there on (proc_readfd_common(): an entry's
  /// position is its number, behind "." and "..").
  bool numbers(int directory, std::vector<std::uint32_t>& found, std::uint32_t from = 0) {
    found.clear();
    if (from != 0 && ::lseek(directory, static_cast<off_t>(from) + 2, SEEK_SET) < 0) return false;
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
      const Fd tasks = open_directory(root_, base.with("/task").c_str());
      if (tasks && numbers(tasks.get(), tids_)) {
        for (const std::uint32_t tid : tids_)
          if (tid != pid) task(base.with("/task/").number(tid), pid, tid);
      } else {
        failed(errno);
      }
    }
    if (denied_) ++table_.coverage.denied;
  }

  /// Looks at the processes of a recorded proc file system.
  void replay(const ProcImage& image) {
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
      const auto recorded = [&](const Path& path, std::size_t most) {
        int error = 0;
        const ProcImage::File* file = image.find(path.c_str(), false, error);
        return file == nullptr ? std::string_view() : std::string_view(file->text).substr(0, most);
      };
      const std::uint32_t number = describe(base, task.pid, task.tid, recorded);
      for (const ProcImage::Descriptor& d : task.sockets) table_.add(d.inode, number, d.fd);
    }
  }

 private:
  void failed(int error) noexcept {
    if (is_denied(error)) {
      denied_ = true;
    } else {
      ++table_.coverage.races;
    }
  }

  /// How many descriptors are open; 0 before Linux 6.2.
  static std::int64_t count_open(int directory) noexcept {
    struct stat about;
    return ::fstat(directory, &about) == 0 ? about.st_size : 0;
  }

  /// Every number that a descriptor can have, if that is cheaper than to list the directory, which costs as much as half of
  /// the links: where many are open (Linux 6.2 tells how many) and few numbers of the table (FDSize of proc_pid_status(5))
  /// are free.
  bool guess_numbers(int directory, const Path& base) {
    constexpr std::uint32_t kMany = 1024;
    const std::int64_t open = count_open(directory);
    if (open < kMany) return false;
    const std::string_view status = contents(base.with("/status"), sizeof buffer_);
    constexpr std::string_view kSize = "\nFDSize:\t";
    const std::size_t line = status.find(kSize);
    if (line == std::string_view::npos) return false;
    std::int64_t size = 0;
    std::from_chars(status.data() + line + kSize.size(), status.data() + status.size(), size);
    if (open > size || open < size / 2) return false;
    fds_.resize(static_cast<std::size_t>(size));
    std::iota(fds_.begin(), fds_.end(), 0u);
    return true;
  }

  void task(const Path& base, std::uint32_t pid, std::uint32_t tid) {
    const Fd directory = open_directory(root_, base.with("/fd").c_str());
    if (!directory) return failed(errno);
    bool guessed = guess_numbers(directory.get(), base);
    if (!guessed && !numbers(directory.get(), fds_)) return failed(errno);
    std::int64_t left = guessed ? count_open(directory.get()) : 0;
    std::uint32_t number = Table::kNone;
    for (std::size_t i = 0; i < fds_.size(); ++i) {
      const std::uint32_t fd = fds_[i];
      char link[64];
      const ssize_t length = ::readlinkat(directory.get(), Path().number(fd).c_str(), link, sizeof link);
      if (length < 0) {
        if (is_denied(errno)) {
          ++table_.coverage.links_denied;
        } else if (errno != EINVAL && !(guessed && errno == ENOENT)) {
          ++table_.coverage.races;
        }
        continue;
      }
      if (const std::uint64_t inode = socket_inode({link, static_cast<std::size_t>(length)}); inode != 0) {
        if (number == Table::kNone) number = describe(base, pid, tid, [this](const Path& p, std::size_t n) { return contents(p, n); });
        table_.add(inode, number, fd);
        ++table_.coverage.descriptors;
      }
      // As many as were open: the numbers behind them would cost as much again. What is there all the same, since others were opened
      // and closed meanwhile, is listed.
      if (guessed && --left == 0) {
        guessed = false;
        if (!numbers(directory.get(), fds_, fd + 1)) return failed(errno);
        i = static_cast<std::size_t>(-1);
      }
    }
  }

  /// What was asked about a task that holds a socket; `read` gives up to so many bytes of a file, valid until the next call.
  template <class Read>
  std::uint32_t describe(const Path& base, std::uint32_t pid, std::uint32_t tid, Read read) {
    Table::Task task{pid, tid, {}, {}, {}};
    if (request_.comm) task.comm = table_.keep(comm_of(read(base.with("/stat"), sizeof buffer_)));
    if (request_.argv0) {
      const std::string_view arguments = read(base.with("/cmdline"), kArgvBytes);
      task.argv0 = table_.keep(arguments.substr(0, arguments.find('\0')));
    }
    if (request_.context) {
      const std::string_view context = read(base.with("/attr/current"), sizeof buffer_);
      task.context = table_.keep(context.substr(0, context.find_first_of(std::string_view("\0\n", 2))));
    }
    table_.tasks.push_back(task);
    return static_cast<std::uint32_t>(table_.tasks.size() - 1);
  }
  /// Up to `most` bytes of a file; empty if there is none. Valid until the next call.
  std::string_view contents(const Path& path, std::size_t most) {
    const Fd fd(::openat(root_, path.c_str(), O_RDONLY | O_CLOEXEC));
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

  int root_;
  const OwnerRequest& request_;
  Table::Shard& table_;
  std::vector<std::uint32_t> tids_, fds_;
  bool denied_ = false;  ///< a directory of the process at hand may not be looked at
  alignas(dirent64) char buffer_[32 * 1024];
};

/// The pass itself: processes are shared out, one by one, between two threads where there are enough of them.
class OwnerPass {
 public:
  using Table = OwnerIndex::Table;
  OwnerPass(const OwnerRequest& request, Table& table) : request_(request), table_(table) {}

  void run(const std::string& root) {
    root_ = OwnerScanner::open_directory(AT_FDCWD, root.c_str());
    if (!root_) {
      table_.coverage.error = errno;
      return;
    }
    const auto first = std::make_unique<OwnerScanner>(root_.get(), request_, table_.shards[0]);
    if (!first->numbers(root_.get(), pids_)) {
      table_.coverage.error = errno;
      return;
    }
    ranges_.resize(pids_.size());
    {
      const std::jthread second = shares() ? start_second() : std::jthread();
      work(*first, 0);
    }
    if (failure_) std::rethrow_exception(failure_);
    finish();
  }

  void replay(const ProcImage& image) {
    table_.coverage.error = image.tasks_error;
    std::make_unique<OwnerScanner>(-1, request_, table_.shards[0])->replay(image);
    ranges_ = {{0, static_cast<std::uint32_t>(table_.shards[0].entries.size())}};
    finish();
  }

 private:
  void finish() {
    table_.index(ranges_);
    for (const Table::Shard& shard : table_.shards) add(shard.coverage);
  }

  static constexpr std::size_t kEnough = 8;  ///< processes: fewer are looked at in the time that a thread takes to start

  /// Not where threads are listed: our own second one would be among them.
  bool shares() const { return pids_.size() >= kEnough && !request_.threads && processors() > 1; }

  std::jthread start_second() {
    try {
      return std::jthread([this] {
        try {
          const auto scanner = std::make_unique<OwnerScanner>(root_.get(), request_, table_.shards[1]);
          work(*scanner, 1);
        } catch (const std::bad_alloc&) {
          failure_ = std::current_exception();
        }
      });
    } catch (const std::system_error&) {
      return {};  // no thread to be had (RLIMIT_NPROC)
    }
  }

  void work(OwnerScanner& scanner, std::uint32_t shard) {
    const std::vector<Table::Entry>& entries = table_.shards[shard].entries;
    const auto number = [&] { return static_cast<std::uint32_t>(entries.size()) + shard * Table::kSecondShard; };
    for (std::size_t i; (i = next_.fetch_add(1, std::memory_order_relaxed)) < pids_.size();) {
      const std::uint32_t begin = number();
      scanner.process(pids_[i]);
      ranges_[i] = {begin, number()};
    }
  }

  void add(const OwnerCoverage& found) {
    OwnerCoverage& sum = table_.coverage;
    sum.descriptors += found.descriptors;
    sum.denied += found.denied;
    sum.links_denied += found.links_denied;
    sum.races += found.races;
  }

  const OwnerRequest& request_;
  Table& table_;
  Fd root_;
  std::vector<std::uint32_t> pids_;
  std::vector<Table::Range> ranges_;  ///< by process
  std::atomic<std::size_t> next_ = 0; ///< process
  std::exception_ptr failure_;        ///< of the second thread
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
  OwnerPass pass(request, *index.table_);
  if (proc.image() != nullptr) pass.replay(*proc.image());
  else pass.run(proc.root());
  return index;
}

void OwnerIndex::each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const {
  for (std::uint32_t entry = table_->last(inode); entry != Table::kNone; entry = table_->at(entry).before)
    if (!visit(table_->owner(entry))) return;
}

Owner OwnerIndex::first(std::uint64_t inode) const {
  std::uint32_t first = table_->last(inode);
  if (first == Table::kNone) return {};
  while (table_->at(first).before != Table::kNone) first = table_->at(first).before;
  return table_->owner(first);
}

const OwnerCoverage& OwnerIndex::coverage() const noexcept { return table_->coverage; }

}  // namespace duostat
