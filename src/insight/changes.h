// Compares two snapshots.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/model/change.h"
#include "src/model/snapshot.h"

namespace duostat {

struct ChangeLimits {
  /// A queue of a socket has changed if it was below so many bytes and no longer is, or the reverse.
  std::uint32_t queue = 65536;
};

struct Comparison {
  /// By subject; first what `now` has, in its order, then what is gone.
  std::vector<Change> changes;
  /// False: the snapshots are of two hosts, network namespaces or boots, so sockets are the same if their addresses
  /// are.
  bool same_boot = true;
  std::uint64_t owners_not_compared = 0;  ///< sockets and listeners whose owner is visible in one snapshot only
};

/// Whether both are of one host and network namespace since one boot.
bool is_same_boot(const Snapshot& before, const Snapshot& now);

/// Sockets of one boot are the same if their protocol and cookie are, else if their protocol, addresses, name and inode
/// are. Routes are the same if destination, gateway, interface and metric are, interfaces and counters by their names.
Comparison compare(const Snapshot& before, const Snapshot& now, const ChangeLimits& limits = {});

}  // namespace duostat
