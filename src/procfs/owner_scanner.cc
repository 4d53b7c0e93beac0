// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/owner_scanner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <new>
#include <numeric>

#include "src/procfs/task_text.h"

namespace duostat {
namespace {

constexpr std::size_t kArgvBytes = 511;  // the original netstat reads no more
constexpr int kDirectory = O_RDONLY | O_DIRECTORY;

/// struct linux_dirent64 (include/linux/dirent.h)
struct DirectoryEntry {
  std::uint64_t inode;
  std::int64_t position;
  std::uint16_t length;  ///< of the whole entry, a multiple of eight
  std::uint8_t type;
  char name[5];          ///< variable length, ends with NUL
};
static_assert(sizeof(DirectoryEntry) == 24 && offsetof(DirectoryEntry, length) == 16 &&
              offsetof(DirectoryEntry, name) == 19);

/// Returns how many descriptors are open; 0 before Linux 6.2.
std::int64_t count_open(int directory) noexcept {
  struct stat about;
  return ::fstat(directory, &about) == 0 ? about.st_size : 0;
}

}  // namespace

ProcessPath& ProcessPath::number(std::uint32_t value) {
  size_ = static_cast<std::size_t>(std::to_chars(text_ + size_, text_ + sizeof text_, value).ptr - text_);
  text_[size_] = '\0';
  return *this;
}

ProcessPath& ProcessPath::name(std::string_view value) {
  std::memcpy(text_ + size_, value.data(), value.size());
  text_[size_ += value.size()] = '\0';
  return *this;
}

OwnerScanner::OwnerScanner(std::string_view root, const OwnerRequest& request, Table::Shard& shard, LinkCount& links)
    : path_(root), root_size_(root.size() + 1), request_(request), shard_(shard), links_(links) {
  path_ += '/';
  path_.reserve(root_size_ + sizeof(ProcessPath));
}

/// Opens by whole path: a descriptor of the root would be one more that is open throughout.
Fd OwnerScanner::open(std::string_view relative, int flags) {
  path_.resize(root_size_);
  path_ += relative;
  return Fd(::open(path_.c_str(), flags | O_CLOEXEC));
}

/// Lists the numeric entries of a directory in ascending order, as procfs does (another file system may not). Returns 0
/// or errno. `from`, for a directory of descriptors: lists only those from this number on (proc_readfd_common(): the
/// position of an entry is its number, after "." and "..").
int OwnerScanner::numbers(int directory, std::vector<std::uint32_t>& found, std::uint32_t from) {
  found.clear();
  if (from != 0 && ::lseek(directory, static_cast<off_t>(from) + 2, SEEK_SET) < 0) return errno;
  for (;;) {
    const long n = ::syscall(SYS_getdents64, directory, buffer_, sizeof buffer_);
    if (n < 0) return errno;
    if (n == 0) break;
    for (long at = 0; at < n;) {
      DirectoryEntry entry;
      std::memcpy(&entry, buffer_ + at, sizeof entry);
      const char *const name = buffer_ + at + offsetof(DirectoryEntry, name), *const end = name + std::strlen(name);
      at += entry.length;
      std::uint32_t number;
      const auto result = std::from_chars(name, end, number);
      if (result.ec == std::errc{} && result.ptr == end) found.push_back(number);
    }
  }
  if (!std::ranges::is_sorted(found)) std::ranges::sort(found);
  return 0;
}

int OwnerScanner::processes(std::vector<std::uint32_t>& pids) {
  const Fd root = open({}, kDirectory);
  return root ? numbers(root.get(), pids) : errno;
}

void OwnerScanner::failed(int error) noexcept {
  if (is_denied(error)) denied_ = true;
  else if (is_gone(error)) ++shard_.coverage.races;
  else unread_ = error;
}

void OwnerScanner::count_failures() noexcept {
  if (denied_) ++shard_.coverage.denied;
  if (unread_ == 0) return;
  ++shard_.coverage.unread;
  shard_.coverage.unread_error = unread_;
}

bool OwnerScanner::process(std::uint32_t pid, bool last_attempt) {
  const Table::Mark before = shard_.mark();
  denied_ = false;
  unread_ = 0;
  interrupted_ = false;
  bool whole = false;
  try {
    tasks(pid);
    whole = !interrupted_;
  } catch (const std::bad_alloc&) {
    unread_ = ENOMEM;
  }
  if (interrupted_) return shard_.return_to(before), false;
  if (!whole || (unread_ != 0 && !last_attempt)) shard_.return_to(before);
  if (unread_ != 0 && !last_attempt) return false;
  count_failures();
  return true;
}

void OwnerScanner::tasks(std::uint32_t pid) {
  const ProcessPath base = ProcessPath().number(pid);
  task(base, pid, pid);
  if (!request_.threads || denied_) return;
  {
    const Fd directory = open(base.with("/task").view(), kDirectory);
    if (!directory) return failed(errno);
    if (const int error = numbers(directory.get(), tids_); error != 0) return failed(error);
  }
  for (const std::uint32_t tid : tids_)
    if (tid != pid) task(base.with("/task/").number(tid), pid, tid);
}

/// Names are read after the directory is closed.
void OwnerScanner::task(const ProcessPath& base, std::uint32_t pid, std::uint32_t tid) {
  const std::size_t entries = shard_.entries.size();
  {
    const Fd directory = open(base.with("/fd").view(), kDirectory);
    if (!directory) return failed(errno);
    descriptors(directory.get(), base, static_cast<std::uint32_t>(shard_.tasks.size()));
  }
  if (interrupted_ || shard_.entries.size() == entries) return;
  shard_.tasks.push_back(
      describe(base, pid, tid, [this](const ProcessPath& path, std::size_t most) { return detail(path, most); }));
}

/// Reads a file with a name of a task. It is valid until the next call.
std::string_view OwnerScanner::detail(const ProcessPath& path, std::size_t most) {
  int error = 0;
  const std::string_view text = contents(path, most, error);
  // Everybody may read the names of a process whose descriptors they may list; a label may be unsupported or denied.
  const bool label = path.view().ends_with("/attr/current");
  if (label ? is_failure(error) : error != 0 && !is_gone(error)) unread_ = error;
  return text;
}

void OwnerScanner::complete_tasks() {
  if (!request_.argv0 && !request_.context) return;
  for (Table::Task& task : shard_.tasks) {
    denied_ = false;
    unread_ = 0;
    describe_more(ProcessPath().number(task.pid), task,
                  [this](const ProcessPath& path, std::size_t most) { return detail(path, most); });
    count_failures();
  }
}

/// Tries every possible descriptor number if that is cheaper than listing the directory, which costs half as much as
/// reading the links: if many descriptors are open (Linux 6.2 reports how many) and few numbers of the table (FDSize of
/// proc_pid_status(5)) are unused.
bool OwnerScanner::guess_numbers(int directory, const ProcessPath& base) {
  constexpr std::uint32_t kMany = 1024;
  const std::int64_t open = count_open(directory);
  if (open < kMany) return false;
  int error = 0;  // fall back to listing the directory
  const std::string_view status = contents(base.with("/status"), sizeof buffer_, error);
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

void OwnerScanner::descriptors(int directory, const ProcessPath& base, std::uint32_t task) {
  bool guessed = guess_numbers(directory, base);
  if (!guessed)
    if (const int error = numbers(directory, fds_); error != 0) return failed(error);
  std::int64_t left = guessed ? count_open(directory) : 0;
  constexpr std::size_t kMany = 256;  // links of this process, for which it is worth while to ask another source
  for (std::size_t i = 0; i < fds_.size(); ++i) {
    if (++own_links_ % LinkCount::kStep == 0) {
      links_.read.fetch_add(LinkCount::kStep, std::memory_order_relaxed);
      if (links_.many() && fds_.size() - i > kMany) return void(interrupted_ = true);
    }
    const std::uint32_t fd = fds_[i];
    const bool open = descriptor(directory, fd, task, guessed);
    // All descriptors that were open have been found, and trying the remaining numbers would cost as much again. A
    // directory listing finds descriptors that were opened meanwhile.
    if (guessed && open && --left == 0) {
      guessed = false;
      if (const int error = numbers(directory, fds_, fd + 1); error != 0) return failed(error);
      i = static_cast<std::size_t>(-1);
    }
  }
}

/// Reads a link. False if it does not exist.
bool OwnerScanner::descriptor(int directory, std::uint32_t fd, std::uint32_t task, bool guessed) {
  char link[64];
  const ssize_t length = ::readlinkat(directory, ProcessPath().number(fd).c_str(), link, sizeof link);
  if (length < 0) {
    const int error = errno;
    if (is_denied(error)) ++shard_.coverage.links_denied;
    else if (guessed && error == ENOENT) return false;
    // An entry that is not a link, or whose path is too long, is not a socket.
    else if (error != EINVAL && error != ENAMETOOLONG) failed(error);
    return false;
  }
  if (const std::uint64_t inode = socket_inode({link, static_cast<std::size_t>(length)}); inode != 0) {
    if (request_.wants(inode)) shard_.add(inode, task, fd);
    ++shard_.coverage.descriptors;
  }
  return true;
}

/// Reads the requested details of a task that holds a socket. `read` returns up to that many bytes of a file, valid
/// until the next call.
template <class Read>
OwnerScanner::Table::Task OwnerScanner::describe(const ProcessPath& base, std::uint32_t pid, std::uint32_t tid,
                                                 Read read) {
  Table::Task task{pid, tid, {}, {}, {}};
  if (request_.comm) task.comm = shard_.keep(comm_of(read(base.with("/stat"), sizeof buffer_)));
  describe_more(base, task, read);
  return task;
}

/// Reads the requested details besides the name.
template <class Read>
void OwnerScanner::describe_more(const ProcessPath& base, Table::Task& task, Read read) {
  if (request_.argv0) {
    const std::string_view arguments = read(base.with("/cmdline"), kArgvBytes);
    task.argv0 = shard_.keep(arguments.substr(0, arguments.find('\0')));
  }
  if (request_.context) {
    const std::string_view context = read(base.with("/attr/current"), sizeof buffer_);
    task.context = shard_.keep(context.substr(0, context.find_first_of(std::string_view("\0\n", 2))));
  }
}

/// Returns up to `most` bytes of a file, valid until the next call. After a failed read, `error` has errno and the
/// bytes before it are returned.
std::string_view OwnerScanner::contents(const ProcessPath& path, std::size_t most, int& error) {
  const Fd fd = open(path.view(), O_RDONLY);
  if (!fd) return error = errno, std::string_view{};
  std::size_t size = 0;
  while (size < most) {
    const ssize_t n = ::read(fd.get(), buffer_ + size, most - size);
    if (n > 0) {
      size += static_cast<std::size_t>(n);
    } else if (n == 0) {
      break;
    } else if (errno != EINTR) {
      error = errno;
      break;
    }
  }
  return {buffer_, size};
}

void OwnerScanner::replay(const ProcImage& image) {
  std::uint32_t denied_pid = 0;
  for (const ProcImage::Task& task : image.tasks) {
    if (task.tid != task.pid && (!request_.threads || denied_pid == task.pid)) continue;
    denied_ = false;
    unread_ = 0;
    if (task.error != 0) failed(task.error);
    shard_.coverage.links_denied += task.links_denied;
    shard_.coverage.descriptors += task.sockets.size();
    if (denied_ && std::exchange(denied_pid, task.pid) == task.pid) denied_ = false;
    count_failures();
    const auto wanted = [&](const ProcImage::Descriptor& d) { return request_.wants(d.inode); };
    if (std::ranges::none_of(task.sockets, wanted)) continue;
    ProcessPath base = ProcessPath().number(task.pid);
    if (task.tid != task.pid) base.name("/task/").number(task.tid);
    const auto recorded = [&](const ProcessPath& path, std::size_t most) {
      int error = 0;
      const ProcImage::File* file = image.find(path.view(), false, error);
      return file == nullptr ? std::string_view() : std::string_view(file->text).substr(0, most);
    };
    const auto number = static_cast<std::uint32_t>(shard_.tasks.size());
    shard_.tasks.push_back(describe(base, task.pid, task.tid, recorded));
    for (const ProcImage::Descriptor& d : task.sockets)
      if (wanted(d)) shard_.add(d.inode, number, d.fd);
  }
}

}  // namespace duostat
