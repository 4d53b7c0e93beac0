// Provides AF_UNIX sockets with reference counts. The counts are only in /proc/net/unix; everything else comes from
// netlink.
//
// A name may contain a newline and a line in the exact form of a row, so the text alone cannot be trusted
// (src/procfs/unix.h). netlink sends the length of every name, which determines where a row ends and which lines are
// inside a name. A row of the text counts only if netlink has a socket with its inode, type and name.
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

/// The query to netlink: sockets of every type and state, because the text contains all their names.
Query query_beside_counts(Query query);

/// Answers a `query` for AF_UNIX sockets in the order of /proc/net/unix. nullopt if netlink or the file cannot answer
/// completely; no rows were emitted then.
///
/// The file is read before netlink is queried, and again afterwards if it lacks sockets, so every socket that exists
/// throughout has its count. A socket opened and closed in between may have none. Connections that wait for accept(2)
/// have no inode, and netlink does not list them: their rows come from the file.
std::optional<Answer> collect_unix_with_counts(Environment& env, const Query& query, Sink sink);

/// The fast path for the usual case, in one pass and with 16 bytes per socket: every line of the file is a row with a
/// unique inode. netlink's sockets are then shown as they arrive, with the count of their inode. A forged line does no
/// harm: netlink has no socket with its inode, or the inode occurs twice.
class UnixCounts {
 public:
  /// `proc` must outlive this.
  explicit UnixCounts(const ProcDir& proc) : proc_(proc) {}

  /// Reads the file. False if it cannot be read or is not the usual case; then use collect_unix_with_counts().
  bool read();
  /// Passes `batch` to `sink` with the counts added. If a socket is not in the file, it is newer than the last reading,
  /// and the file is read again, up to kReadingsMax times in all.
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
