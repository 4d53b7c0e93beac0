// AF_UNIX sockets with their reference counts, which only /proc/net/unix has: netlink tells everything else.
//
// A name may contain a newline and a line in the exact form of a row, so that the text alone cannot be trusted
// (src/procfs/unix.h). Netlink tells the length of every name: with it a row's end is known, and what stands inside a name is
// no row. A row of the text counts only if netlink has a socket of its inode, type and name.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/query/query.h"

namespace duostat {

/// What netlink is asked for: sockets of every type and state, for their names stand in the text too.
Query query_beside_counts(Query query);

/// Answers `query` of AF_UNIX sockets in the order of /proc/net/unix. nullopt, with nothing handed out, if netlink or the file
/// cannot answer completely.
///
/// The file is read before netlink is asked and again after that for sockets that it lacks, so every socket that lives
/// throughout has its count. One that was opened and closed meanwhile may have none. Connections that wait for accept(2) have no
/// inode and are unknown to netlink: these rows are the file's.
std::optional<Answer> collect_unix_with_counts(Environment& env, const Query& query, Sink sink);

/// The usual case, in one pass and with sixteen bytes a socket: every line of the file is a row of its own with an inode of its own. Then
/// netlink's sockets can be shown as they come, each with the count of its inode. A line inside a name cannot spoil that: netlink has no
/// socket of its inode, or the inode is there twice.
class UnixCounts {
 public:
  /// `proc` must outlive this.
  explicit UnixCounts(const ProcDir& proc) : proc_(proc) {}

  /// Reads the file. False if it cannot be read or is not of the usual kind: collect_unix_with_counts() then.
  bool read();
  /// Hands `batch` to `sink`, with counts where netlink's rows have none. A socket that is not in the file is newer: the file is read
  /// again for it, kReadingsMax times in all.
  bool hand_on(std::span<const Socket> batch, Sink sink);

 private:
  static constexpr int kReadingsMax = 8;
  struct Count {
    std::uint64_t inode;
    std::uint32_t references;
  };
  const Count* find(std::uint64_t inode) const noexcept;

  const ProcDir& proc_;
  std::vector<Count> counts_;  ///< sorted by inode
  std::vector<Socket> batch_;
  int readings_ = 0;
};

}  // namespace duostat
