// The line of /proc/PID/limits:
//
//   Max open files            1024                 524288               files
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/descriptors.h"

#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "src/base/cursor.h"
#include "src/base/directory.h"
#include "src/procfs/owners.h"
#include "src/procfs/task_text.h"

namespace duostat {
namespace {

std::optional<std::uint64_t> limit(Cursor& cursor) noexcept {
  std::uint64_t value;
  std::string_view unlimited;
  if (cursor.dec(value)) return value;
  cursor.word(unlimited);
  return std::nullopt;
}

class Counting {
 public:
  Counting(const ProcDir& proc, std::uint64_t least) : proc_(proc), least_(least) {}

  void running(std::uint32_t pid) {
    const std::string path = proc_.path(std::to_string(pid) + "/fd");
    struct stat about;
    if (::stat(path.c_str(), &about) != 0) return failed(errno);
    auto open = static_cast<std::uint64_t>(about.st_size);
    if (open == 0 || proc_.given()) {  // before 6.2, a process without descriptors, or a tree of ordinary files
      const int error = numbers_in(path, numbers_);
      if (error != 0) return failed(error);
      open = numbers_.size();
    }
    found(pid, open);
  }

  void recorded(const ProcImage::Task& task) {
    if (task.pid != task.tid) return;
    if (task.error != 0) return failed(task.error);
    if (!task.descriptors) return failed(ENODATA);
    found(task.pid, *task.descriptors);
  }

  DescriptorUses counted;

 private:
  void failed(int error) {
    ++counted.processes;
    if (is_denied(error)) ++counted.denied;
    else if (!is_gone(error)) ++counted.unread, counted.unread_error = error;
  }

  void found(std::uint32_t pid, std::uint64_t open) {
    ++counted.processes;
    if (open < least_) return;
    int error = 0;
    const std::string text = proc_.read(std::to_string(pid) + "/limits", error);
    if (error != 0) {
      --counted.processes;
      return failed(error);
    }
    const std::string stat = proc_.read(std::to_string(pid) + "/stat", error);
    counted.uses.push_back({pid, std::string(comm_of(stat)), open, descriptor_limits(text)});
  }

  const ProcDir& proc_;
  std::uint64_t least_;
  std::vector<std::uint32_t> numbers_;
};

}  // namespace

DescriptorLimits descriptor_limits(std::string_view limits) noexcept {
  constexpr std::string_view kLine = "Max open files";
  const std::size_t at = limits.find(kLine);
  if (at == std::string_view::npos) return {};
  Cursor cursor(limits.substr(at + kLine.size()));
  DescriptorLimits found;
  found.soft = limit(cursor);
  found.hard = limit(cursor);
  return found;
}

DescriptorUses descriptor_uses(const ProcDir& proc, std::uint64_t least) {
  Counting counting(proc, least);
  if (const ProcImage* image = proc.image()) {
    counting.counted.error = image->tasks_error;
    for (const ProcImage::Task& task : image->tasks) counting.recorded(task);
    return std::move(counting.counted);
  }
  std::vector<std::uint32_t> pids;
  counting.counted.error = numbers_in(proc.root(), pids);
  for (const std::uint32_t pid : pids) counting.running(pid);
  return std::move(counting.counted);
}

}  // namespace duostat
