// Counts the sockets whose unknown owner would decide what a view shows.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "src/insight/where.h"
#include "src/procfs/owners.h"

namespace duostat {

/// If every process could be read, a socket without an owner belongs to the kernel or is in a message that was not
/// received yet, and nothing is counted. Otherwise each socket is counted at most once.
class UnknownOwners {
 public:
  /// What a view needs owners for. `where` may be null; all must outlive the object.
  struct Asked {
    const Where* where = nullptr;
    std::vector<const Column*> keys{};              ///< of every socket that has a place: --sort, --by, --sum
    const std::vector<const Column*>* shown = nullptr;  ///< of every socket that is shown
  };
  UnknownOwners() = default;
  UnknownOwners(const OwnerIndex& owners, const OwnerCoverage& coverage, Asked asked) {
    look_in(owners, coverage, std::move(asked));
  }

  /// Looks up the following sockets in this index, which must live until the next call. Keeps the counts.
  void look_in(const OwnerIndex& owners, const OwnerCoverage& coverage, Asked asked);
  void look_in(const OwnerIndex& owners, const OwnerCoverage& coverage) {
    owners_ = &owners;
    counts_ = coverage.incomplete();
  }

  /// False: the functions below count nothing.
  bool counts() const noexcept { return counts_; }
  /// `matched`: the result of --where.
  void filtered(ColumnContext& context, const Socket& socket, bool matched);
  void taken(const Socket& socket);
  void shown(const Socket& socket);

  std::uint64_t sockets() const noexcept { return sockets_; }
  /// Sockets that --where dropped or took and that may belong to the other side, and those of which a key is unknown.
  std::uint64_t perhaps_wanted() const noexcept { return perhaps_wanted_; }
  std::uint64_t perhaps_unwanted() const noexcept { return perhaps_unwanted_; }
  std::uint64_t without_key() const noexcept { return without_key_; }

 private:
  bool is_unknown(const Column& column, const Socket& socket) const;
  bool has_unknown(const std::vector<const Column*>& columns, const Socket& socket) const;

  const OwnerIndex* owners_ = nullptr;
  const Where* where_ = nullptr;
  std::vector<const Column*> keys_, shown_;  ///< those about owners
  bool counts_ = false;
  std::uint32_t own_port_ = 0;  ///< netlink's
  std::uint64_t sockets_ = 0, perhaps_wanted_ = 0, perhaps_unwanted_ = 0, without_key_ = 0;
};

}  // namespace duostat
