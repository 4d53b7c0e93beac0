// cgroup2 ids to paths.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "src/base/fd.h"
#include "src/base/proc_dir.h"

namespace duostat {

/// The mount point of the first cgroup2 in the text of /proc/mounts ("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0"); empty if
/// there is none.
std::string cgroup2_mount(std::string_view mounts);

/// Paths of control groups below the cgroup2 mount point. Nothing is read before the first question; each id is looked up
/// once: by file handle (CAP_DAC_READ_SEARCH) where that is allowed, else in one walk over the tree.
class CgroupPaths {
 public:
  using Known = std::unordered_map<std::uint64_t, std::string>;

  /// With `told` (a dry run) the mount point goes there instead of being opened, and no path is found.
  explicit CgroupPaths(const ProcDir& proc, std::function<void(std::string_view)> told = {})
      : proc_(&proc), told_(std::move(told)) {}
  /// These and no others: those of another host. `mounted`: whether it had a cgroup2.
  CgroupPaths(Known known, bool mounted) : mounted_(mounted), paths_(std::move(known)) {}

  /// "/user.slice", "/" for the root; empty if no such group can be seen. Raw bytes; lives as long as this object.
  std::string_view path(std::uint64_t id);
  /// False, once something has been asked for, if no cgroup2 is mounted.
  bool mounted() const noexcept { return mounted_; }

 private:
  void find_mount();
  bool by_handle(std::uint64_t id, std::string& path);
  void walk();

  const ProcDir* proc_ = nullptr;  ///< null: nothing is looked up
  std::function<void(std::string_view)> told_;
  bool searched_ = false, mounted_ = false, walked_ = false, handles_refused_ = false;
  std::string mount_point_;
  Fd root_;
  Known paths_;  ///< found ones, and empty texts for those that are not there
};

}  // namespace duostat
