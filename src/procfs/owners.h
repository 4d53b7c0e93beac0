// Who holds which socket: one pass over /proc/PID/fd, an index by inode.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/model/owner.h"

namespace duostat {

struct OwnerRequest {
  bool comm = true;      ///< read /proc/PID/stat for processes that hold a socket
  bool argv0 = false;    ///< read /proc/PID/cmdline likewise
  bool threads = false;  ///< also /proc/PID/task/TID for threads other than the leader
  bool context = false;  ///< read /proc/PID/attr/current
};

/// What the pass over /proc came upon.
struct OwnerCoverage {
  int error = 0;                 ///< errno of opening the proc directory; 0 if it was read
  std::uint64_t descriptors = 0; ///< descriptors that are sockets
  std::uint64_t denied = 0;      ///< processes whose fd directory gave EACCES or EPERM
  std::uint64_t links_denied = 0;  ///< descriptors of other processes that may be listed but not looked at
  std::uint64_t races = 0;       ///< processes or descriptors that vanished meanwhile: weather, not an error
};

/// Immutable once built. Memory and time are linear in the number of descriptors.
class OwnerIndex {
 public:
  /// Reads the proc directory once. Does not throw for what it finds there.
  static OwnerIndex scan(const ProcDir& proc, const OwnerRequest& request);
  /// An index without entries.
  OwnerIndex();
  OwnerIndex(OwnerIndex&&) noexcept;
  OwnerIndex& operator=(OwnerIndex&&) noexcept;
  ~OwnerIndex();

  /// Calls `visit` for each owner of `inode`, the one found last first (so: highest pid, tid, fd first, as readdir of
  /// /proc is ascending), until it returns false. Inode 0 has no owners.
  void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const;
  /// The owner found first (lowest pid, lowest fd); pid 0 if there is none.
  Owner first(std::uint64_t inode) const;
  const OwnerCoverage& coverage() const noexcept;

 private:
  friend class OwnerScanner;
  friend class OwnerPass;
  struct Table;
  std::unique_ptr<Table> table_;
};

}  // namespace duostat
