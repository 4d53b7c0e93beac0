// Records the /proc part of a capture: files that some view reads, and processes with their sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>

#include "src/base/directory.h"
#include "src/collect/capture_parts.h"
#include "src/procfs/owners.h"
#include "src/procfs/task_text.h"

namespace duostat::capture {
namespace {

/// Directories that are recorded completely, and to which depth. A view that reads another file of /proc/net needs no
/// new row.
struct Directory {
  std::string_view name;
  int depth;
};
constexpr Directory kDirectories[] = {
    {"net", 3},           {"sys/net/core", 1}, {"sys/net/ipv4", 1},      {"sys/net/unix", 1},
    {"sys/net/mptcp", 1}, {"sys/net/sctp", 1}, {"sys/net/netfilter", 1},
};
/// Channels and devices, not lists: reading them has side effects.
constexpr std::string_view kPassedOver[] = {"net/rpc", "net/pktgen", "net/ipt_hashlimit", "net/ip6t_hashlimit"};
constexpr std::string_view kFiles[] = {
    "filesystems", "mounts", "self/mounts", "stat", "uptime", "sys/fs/file-max", "sys/fs/file-nr", "sys/fs/nr_open",
    "sys/net/ipv4/neigh/default/gc_thresh3", "sys/net/ipv6/neigh/default/gc_thresh3",
};
constexpr std::string_view kLinks[] = {"self/ns/net"};

/// Files of a process that holds sockets. The first is recorded for all processes, because netlink sockets are named
/// after them.
constexpr std::string_view kTaskFiles[] = {"stat", "cmdline", "status", "cgroup", "attr/current", "limits"};
constexpr std::string_view kTaskLinks[] = {"exe", "ns/net"};

using Dir = std::unique_ptr<DIR, int (*)(DIR*)>;

Dir open_directory(const std::string& path) { return Dir(::opendir(path.c_str()), ::closedir); }

void add_file(Writer& writer, std::string_view name, const ProcImage::File& file) {
  const std::string_view text = file.text;
  writer.add(Type::file, file_payload(file, name, text.substr(0, kFileChunk)));
  for (std::size_t at = kFileChunk; at < text.size(); at += kFileChunk)
    writer.add(Type::file_data, text.substr(at, kFileChunk));
}

/// True if something exists and could not be read, for another reason than the rights of this user.
bool is_failure(int error) {
  constexpr int kOthers[] = {0, ENOENT, ESRCH, EISDIR, ENOTDIR, EACCES, EPERM, EINVAL, EOPNOTSUPP, ENODEV, ENXIO};
  return std::ranges::find(kOthers, error) == std::end(kOthers);
}

void note_failure(CaptureSummary& summary, Operation operation, std::string object, int error) {
  Coverage& problem = summary.problems.emplace_back();
  problem.error = error;
  problem.operation = operation;
  problem.object = std::move(object);
}

/// Records files of the tree, one by one.
class FileRecorder {
 public:
  FileRecorder(const ProcDir& proc, Writer& writer, ProcImage& image, CaptureSummary& summary)
      : proc_(proc), writer_(writer), image_(image), summary_(summary) {}

  void file(const std::string& name, bool link);
  void directory(const std::string& name, int depth);

 private:
  const ProcDir& proc_;
  Writer& writer_;
  ProcImage& image_;
  CaptureSummary& summary_;
};

/// Reads and records a file; a file that does not exist is skipped.
void FileRecorder::file(const std::string& name, bool link) {
  if (image_.files.contains(name)) return;
  ProcImage::File file;
  file.link = link;
  file.replaced = proc_.replaces(name);
  file.text = link ? proc_.read_link(name, file.error) : proc_.read(name, file.error);
  if (file.error == ENOENT || file.error == ESRCH || file.error == EISDIR) return;
  if (is_failure(file.error)) note_failure(summary_, Operation::read, proc_.path(name), file.error);
  add_file(writer_, name, file);
  image_.files.emplace(name, std::move(file));
}

void FileRecorder::directory(const std::string& name, int depth) {
  if (std::ranges::find(kPassedOver, name) != std::end(kPassedOver)) return;
  const std::string path = proc_.path(name);
  const Dir dir = open_directory(path);
  int error = dir ? 0 : errno;
  while (dir) {
    errno = 0;
    const dirent* entry = ::readdir(dir.get());
    error = errno;
    if (entry == nullptr) break;
    if (entry->d_name[0] == '.') continue;
    const std::string child = name + "/" + entry->d_name;
    struct stat status;
    if (::fstatat(::dirfd(dir.get()), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno != ENOENT) note_failure(summary_, Operation::read, proc_.path(child), errno);
      continue;
    }
    if (S_ISDIR(status.st_mode) && depth > 1) directory(child, depth - 1);
    // A write-only file (0200) is a trigger.
    if (S_ISREG(status.st_mode) && (status.st_mode & 0444) != 0) file(child, false);
  }
  if (is_failure(error)) note_failure(summary_, Operation::read, path, error);
}

/// The real uid in the text of /proc/PID/status ("Uid:\t0\t0\t0\t0").
void note_user(std::string_view status, Seen& seen) {
  constexpr std::string_view kKey = "\nUid:\t";
  const auto at = status.find(kKey);
  if (at == std::string_view::npos) return;
  std::uint32_t uid = 0;
  const std::string_view rest = status.substr(at + kKey.size());
  if (std::from_chars(rest.data(), rest.data() + rest.size(), uid).ec == std::errc{}) seen.users.insert(uid);
}

class TaskRecorder {
 public:
  TaskRecorder(const ProcDir& proc, Writer& writer, Seen& seen, CaptureSummary& summary)
      : proc_(proc), writer_(writer), seen_(seen), summary_(summary) {}

  void process(std::uint32_t pid) {
    const std::string base = std::to_string(pid);
    const int error = task(base, pid, pid);
    ++summary_.processes;
    if (error == EACCES || error == EPERM) ++summary_.processes_denied;
    if (is_failure(error)) note_failure(summary_, Operation::read, proc_.path(base + "/fd"), error);
    if (error != 0) return;
    if (const int failure = numbers_in(proc_.path(base + "/task"), tids_); is_failure(failure))
      note_failure(summary_, Operation::read, proc_.path(base + "/task"), failure);
    if (tids_.size() < 2) return;
    for (const std::uint32_t tid : std::vector(tids_))
      if (tid != pid) task(base + "/task/" + std::to_string(tid), pid, tid);
  }

 private:
  /// Records a task. Returns the errno with which its descriptors could not be listed, or 0. A task that has ended is
  /// skipped.
  int task(const std::string& base, std::uint32_t pid, std::uint32_t tid) {
    ProcImage::Task task{.pid = pid, .tid = tid, .error = 0, .links_denied = 0, .sockets = {}};
    task.error = numbers_in(proc_.path(base + "/fd"), fds_);
    if (task.error != 0 && task.error != EACCES && task.error != EPERM) return task.error;
    int failure = 0;
    for (const std::uint32_t fd : fds_) {
      int error = 0;
      const std::string link = proc_.read_link(base + "/fd/" + std::to_string(fd), error);
      if (error == EACCES || error == EPERM) ++task.links_denied;
      if (is_failure(error)) failure = error;
      if (const std::uint64_t inode = socket_inode(link); inode != 0) task.sockets.push_back({fd, inode});
    }
    if (failure != 0) note_failure(summary_, Operation::read, proc_.path(base + "/fd"), failure);
    const bool holder = !task.sockets.empty();
    if (!holder && pid != tid) return 0;
    writer_.add(Type::task, task_payload(task));
    if (pid == tid && task.error == 0)
      writer_.add(Type::descriptors, descriptors_payload(pid, static_cast<std::uint32_t>(fds_.size())));
    for (const std::string_view name : kTaskFiles) {
      file(base + "/" + std::string(name), false);
      if (!holder) return task.error;
    }
    for (const std::string_view name : kTaskLinks) file(base + "/" + std::string(name), true);
    return task.error;
  }

  void file(const std::string& name, bool link) {
    ProcImage::File file;
    file.link = link;
    file.text = link ? proc_.read_link(name, file.error) : proc_.read(name, file.error);
    if (file.error == ENOENT || file.error == ESRCH) return;
    if (is_failure(file.error)) note_failure(summary_, Operation::read, proc_.path(name), file.error);
    if (name.ends_with("/status")) note_user(file.text, seen_);
    add_file(writer_, name, file);
  }

  const ProcDir& proc_;
  Writer& writer_;
  Seen& seen_;
  CaptureSummary& summary_;
  std::vector<std::uint32_t> tids_, fds_;
};

}  // namespace

std::shared_ptr<ProcImage> record_files(const ProcDir& proc, Writer& writer, CaptureSummary& summary) {
  const auto image = std::make_shared<ProcImage>();
  FileRecorder recorder(proc, writer, *image, summary);
  for (const auto& [name, path] : proc.replacements()) recorder.file(name, false);
  for (const Directory& directory : kDirectories) recorder.directory(std::string(directory.name), directory.depth);
  for (const std::string_view name : kFiles) recorder.file(std::string(name), false);
  for (const std::string_view name : kLinks) recorder.file(std::string(name), true);
  for (const auto& [name, file] : image->files)
    if (name.starts_with("net/") && (file.error == EACCES || file.error == EPERM)) ++summary.files_denied;
  return image;
}

void record_tasks(const ProcDir& proc, Writer& writer, Seen& seen, CaptureSummary& summary) {
  std::vector<std::uint32_t> pids;
  // Every user may list the processes, so even a refusal is a failure.
  int error = numbers_in(proc.root(), pids);
  if (error == 0 && pids.empty()) error = error_of_no_processes(proc);
  if (error != 0)
    note_failure(summary, Operation::read, proc.root(), error);
  TaskRecorder recorder(proc, writer, seen, summary);
  for (const std::uint32_t pid : pids) recorder.process(pid);
}

}  // namespace duostat::capture
