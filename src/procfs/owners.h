// Finds the owners of sockets: one pass over /proc/PID/fd, or another source of the same rows, indexed by inode.
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
#include "src/procfs/inode_set.h"

namespace duostat {

struct OwnerRequest {
  bool comm = true;      ///< read /proc/PID/stat for processes that hold a socket
  bool argv0 = false;    ///< read /proc/PID/cmdline for processes that hold a socket
  bool threads = false;  ///< also /proc/PID/task/TID for threads other than the leader
  bool context = false;  ///< read /proc/PID/attr/current
  const InodeSet* wanted = nullptr;  ///< not null: only these inodes have owners in the index

  bool wants(std::uint64_t inode) const noexcept { return wanted == nullptr || wanted->has(inode); }
};

/// What the pass over /proc found and missed.
struct OwnerCoverage {
  int error = 0;                 ///< errno of listing the processes; 0 if they were listed
  std::uint64_t descriptors = 0; ///< descriptors that are sockets
  std::uint64_t denied = 0;      ///< processes whose fd directory gave EACCES or EPERM
  std::uint64_t links_denied = 0;  ///< descriptors of other processes that may be listed but not looked at
  /// Processes that could not be read completely for another reason: no descriptor, no memory.
  std::uint64_t unread = 0;
  int unread_error = 0;          ///< errno of one of them
  std::uint64_t races = 0;       ///< processes or descriptors that vanished meanwhile: not an error
  std::uint64_t details_unread = 0;  ///< processes that Processes could not read completely for such a reason
  int details_error = 0;         ///< errno of one of them
  bool may_hide = false;         ///< /proc may not list every process here; see sees_every_process()

  /// Adds that of another host.
  void add(const OwnerCoverage& other);
  /// True if a socket may have owners that were not found.
  bool incomplete() const noexcept;
  /// True if owners are missing for a reason other than permission: always worth a message.
  bool lost() const noexcept;
};

/// EACCES or EPERM.
bool is_denied(int error) noexcept;
/// The process has vanished, or the path is not a process.
bool is_gone(int error) noexcept;
/// True if the object exists and another attempt might read it: no descriptor, no memory, an I/O error. False if
/// permission is denied, if it has vanished, or if this kernel lacks it.
bool is_failure(int error) noexcept;

/// True if `proc` hides no process, neither by its mount options (hidepid) nor by a PID namespace. Also true for a tree
/// of ordinary files, which is complete by definition. Reads one file.
bool sees_every_process(const ProcDir& proc);

/// Describes what could not be read: "no permission to look at 12 processes; 2 processes unreadable: Too many open
/// files". Empty if nothing is missing.
std::string reasons(const OwnerCoverage& coverage);

/// The errno if a list of the processes is empty: ENOENT, because a mounted /proc shows at least the reader. 0 for a
/// directory that stands in for /proc (PROC_ROOT).
int error_of_no_processes(const ProcDir& proc);
/// "3 sockets of unknown owner"; empty for none.
std::string without_owner(std::uint64_t sockets);
/// "ss: owners: incomplete: REASONS", or with sockets "ss: owners: incomplete, 3 sockets of unknown owner: REASONS".
std::string owners_line(std::string_view program, const OwnerCoverage& coverage, std::uint64_t sockets = 0);

/// Receives the rows of another source than /proc.
class OwnerRows {
 public:
  virtual ~OwnerRows() = default;
  /// A descriptor of a process that is a socket, in ascending order of process and descriptor.
  virtual void add(std::uint32_t pid, std::uint32_t fd, std::uint64_t inode, std::string_view comm) = 0;
};

/// A source that may replace the pass over /proc. It finds what that pass would find.
struct OtherOwners {
  /// The pass ends, and the other source is asked, once so many links were read and processes are left; then only if
  /// no process denied anything. 0: it is asked first.
  std::uint32_t after_links = 0;
  /// Gives every row. False if it cannot; then /proc is read to the end, and its rows are not used.
  FunctionRef<bool(OwnerRows&)> read;
};

/// Maps inodes to owners. Immutable once built. Memory and time are linear in the number of descriptors.
class OwnerIndex {
 public:
  /// Reads the proc directory once. Does not throw, neither for anything found there nor if memory runs out: see
  /// coverage().
  static OwnerIndex scan(const ProcDir& proc, const OwnerRequest& request, const OtherOwners* other = nullptr);
  /// An index without entries.
  OwnerIndex();
  OwnerIndex(OwnerIndex&&) noexcept;
  OwnerIndex& operator=(OwnerIndex&&) noexcept;
  ~OwnerIndex();

  /// Calls `visit` for each owner of `inode`, the last one found first (highest pid, tid, fd first, because readdir of
  /// /proc is ascending), until it returns false. Inode 0 has no owners.
  void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const;
  /// Returns the owner found first (lowest pid, lowest fd); pid 0 if there is none.
  Owner first(std::uint64_t inode) const;
  const OwnerCoverage& coverage() const noexcept;

 private:
  friend class OwnerScanner;
  friend class OwnerPass;
  friend class ShardRows;
  struct Table;
  std::unique_ptr<Table> table_;
};

}  // namespace duostat
