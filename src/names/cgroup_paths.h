// Finds the paths of cgroup2 ids.
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

/// Returns the mount point of the first cgroup2 in the text of /proc/mounts ("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0");
/// empty if there is none.
std::string cgroup2_mount(std::string_view mounts);

/// What name_to_handle_at(2) says of a control group's directory.
struct CgroupHandle {
  int error = 0;         ///< errno; 0: the rest is valid
  bool has_id = false;   ///< false for a directory of another file system with longer or shorter handles
  std::uint64_t id = 0;  ///< kernfs_encode_fh(); the inode number is the same on 64 bits, its lower half on 32 bits
};

/// Reads the id of the control group that `directory`, `path` and `flags` name as in name_to_handle_at(2). Needs no
/// privilege.
CgroupHandle cgroup_handle(int directory, const char* path, int flags);

/// Paths of control groups below the cgroup2 mount point. Reads nothing before the first lookup. Looks up each id once:
/// by file handle (CAP_DAC_READ_SEARCH) if permitted, otherwise in one walk over the tree.
class CgroupPaths {
 public:
  using Known = std::unordered_map<std::uint64_t, std::string>;

  /// With `told` (dry run) the mount point is passed to it instead of being opened, and no path is found.
  explicit CgroupPaths(const ProcDir& proc, std::function<void(std::string_view)> told = {})
      : proc_(&proc), told_(std::move(told)) {}
  /// Only the paths in `known`, those of another host. `mounted`: whether that host had a cgroup2.
  CgroupPaths(Known known, bool mounted) : mounted_(mounted), paths_(std::move(known)) {}

  /// Returns "/user.slice", "/" for the root; empty if the group does not exist or is not visible. Raw bytes; lives as
  /// long as this object.
  std::string_view path(std::uint64_t id);
  /// False, after the first lookup, if no cgroup2 is mounted.
  bool mounted() const noexcept { return mounted_; }
  /// True after a lookup for which file handles were not permitted. The tree has what it needs only for groups that
  /// still exist.
  bool handles_refused() const noexcept { return handles_refused_; }

 private:
  void find_mount();
  bool by_handle(std::uint64_t id, std::string& path);
  void walk();

  const ProcDir* proc_ = nullptr;  ///< null: look nothing up
  std::function<void(std::string_view)> told_;
  bool searched_ = false, mounted_ = false, walked_ = false, handles_refused_ = false;
  std::string mount_point_;
  Fd root_;
  Known paths_;  ///< found paths, and an empty text for each id that was not found
};

}  // namespace duostat
