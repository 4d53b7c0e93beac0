// Who holds which socket: one pass over /proc/PID/fd, an index by inode.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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
  int error = 0;                 ///< errno of listing the processes; 0 if they were listed
  std::uint64_t descriptors = 0; ///< descriptors that are sockets
  std::uint64_t denied = 0;      ///< processes whose fd directory gave EACCES or EPERM
  std::uint64_t links_denied = 0;  ///< descriptors of other processes that may be listed but not looked at
  std::uint64_t unread = 0;      ///< processes of which something could not be read for another reason: no descriptor, no memory
  int unread_error = 0;          ///< its errno, of one of them
  std::uint64_t races = 0;       ///< processes or descriptors that vanished meanwhile: weather, not an error
  std::uint64_t details_unread = 0;  ///< processes of which Processes could not read something for such a reason
  int details_error = 0;         ///< its errno, of one of them
  bool may_hide = false;         ///< there may be processes that /proc does not list here; see sees_every_process()

  /// A socket may have owners that were not found.
  bool incomplete() const noexcept;
  /// Owners are missing although nobody refused to show them: always worth a line.
  bool lost() const noexcept;
};

/// EACCES or EPERM.
bool is_denied(int error) noexcept;
/// The process has vanished, or the path is not a process.
bool is_gone(int error) noexcept;
/// Something is there and could be read on another attempt: no descriptor, no memory, an I/O error. Not: it refuses, has vanished, or
/// is of a kind that this kernel does not have.
bool is_failure(int error) noexcept;

/// True if no process is hidden in `proc`: neither by its mount options (hidepid) nor by a PID namespace. True too for a tree of
/// ordinary files, which holds whatever it holds. Reads one file.
bool sees_every_process(const ProcDir& proc);

/// What could not be looked at: "no permission to look at 12 processes; 2 processes unreadable: Too many open files". Empty if
/// nothing is missing.
std::string reasons(const OwnerCoverage& coverage);
/// "3 sockets of unknown owner"; empty for none.
std::string without_owner(std::uint64_t sockets);
/// "ss: owners: incomplete: REASONS", or with sockets "ss: owners: incomplete, 3 sockets of unknown owner: REASONS".
std::string owners_line(std::string_view program, const OwnerCoverage& coverage, std::uint64_t sockets = 0);

/// Immutable once built. Memory and time are linear in the number of descriptors.
class OwnerIndex {
 public:
  /// Reads the proc directory once. Does not throw for what it finds there, nor for want of memory: coverage() tells.
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
