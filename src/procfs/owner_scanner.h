// Reads the descriptors of one process after the other, with at most two descriptors open.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/fd.h"
#include "src/base/proc_image.h"
#include "src/procfs/owner_table.h"

namespace duostat {

/// "PID", "PID/task/TID", and names below them, in a fixed buffer.
class ProcessPath {
 public:
  ProcessPath& number(std::uint32_t value);
  ProcessPath& name(std::string_view value);
  ProcessPath with(std::string_view value) const { return ProcessPath(*this).name(value); }
  const char* c_str() const { return text_; }
  std::string_view view() const { return {text_, size_}; }

 private:
  char text_[64] = {};
  std::size_t size_ = 0;
};

/// The links that all scanners of a pass read, and whether they are to stop because there were many.
struct LinkCount {
  static constexpr std::uint32_t kStep = 64;  ///< links after which a scanner adds its own
  std::uint64_t most = UINT64_MAX;
  std::atomic<std::uint64_t> read = 0;
  bool many() const noexcept { return read.load(std::memory_order_relaxed) >= most; }
};

class OwnerScanner {
 public:
  using Table = OwnerIndex::Table;
  /// `root` is the proc directory. `request`, `shard` and `links` must outlive the scanner.
  OwnerScanner(std::string_view root, const OwnerRequest& request, Table::Shard& shard, LinkCount& links);

  /// Lists the processes of the proc directory, ascending. Returns 0 or errno.
  int processes(std::vector<std::uint32_t>& pids);

  /// Reads a process. Returns false if descriptors or memory ran out, or if many links were read (LinkCount) and many
  /// of this process are left; nothing of the process is kept then. With
  /// `last_attempt` it keeps what could be read, counts the process as unread, and returns true.
  bool process(std::uint32_t pid, bool last_attempt);

  /// Reads the details of every task in the shard that another source than /proc does not give.
  void complete_tasks();

  /// Reads the processes of a recorded proc file system.
  void replay(const ProcImage& image);

 private:
  Fd open(std::string_view relative, int flags);
  int numbers(int directory, std::vector<std::uint32_t>& found, std::uint32_t from = 0);
  void failed(int error) noexcept;
  void count_failures() noexcept;
  bool guess_numbers(int directory, const ProcessPath& base);
  void tasks(std::uint32_t pid);
  void task(const ProcessPath& base, std::uint32_t pid, std::uint32_t tid);
  void descriptors(int directory, const ProcessPath& base, std::uint32_t task);
  bool descriptor(int directory, std::uint32_t fd, std::uint32_t task, bool guessed);
  std::string_view detail(const ProcessPath& path, std::size_t most);
  template <class Read>
  Table::Task describe(const ProcessPath& base, std::uint32_t pid, std::uint32_t tid, Read read);
  template <class Read>
  void describe_more(const ProcessPath& base, Table::Task& task, Read read);
  std::string_view contents(const ProcessPath& path, std::size_t most, int& error);

  std::string path_;
  std::size_t root_size_;
  const OwnerRequest& request_;
  Table::Shard& shard_;
  LinkCount& links_;
  std::uint32_t own_links_ = 0;  ///< read by this scanner
  bool interrupted_ = false;     ///< the current process was left because many links were read
  std::vector<std::uint32_t> tids_, fds_;
  bool denied_ = false;  ///< permission to read a directory of the current process was denied
  int unread_ = 0;       ///< errno of another failure to read the current process
  char buffer_[32 * 1024];
};

}  // namespace duostat
