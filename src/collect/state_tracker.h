// Makes events of the kernel's records of changed states: which sockets are new, which are gone and how long they
// lasted, and who owns them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <unordered_map>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/collect/follow.h"
#include "src/collect/trace_format.h"

namespace duostat {

/// True if the running process is an owner: only its own call makes this change. Other changes happen in the context
/// of any task, or of one that closes sockets of others (SOCK_DESTROY).
bool is_change_by_owner(const StateRecord& record);

/// Name of a process that is one; nullopt for a thread of the kernel. Empty if it has ended.
std::optional<std::string> process_name(const ProcDir& proc, std::uint32_t pid);

class StateTracker {
 public:
  explicit StateTracker(const FollowRequest& request) : request_(request) {}

  /// Records of one socket must come in the order of time.
  void add(const StateRecord& record, FunctionRef<void(SocketEvent&&)> take);

  /// Records up to `time_ns` may be missing. Forgets all sockets, because the kernel may have reused their addresses.
  void lost(std::int64_t time_ns) {
    alive_.clear();
    unsure_until_ = time_ns;
  }

  /// Sockets that appeared and are not gone.
  std::size_t alive() const noexcept { return alive_.size(); }

 private:
  struct Known {
    std::optional<std::int64_t> since;
    bool pending = false;  ///< a child of a listener whose addresses are not set yet
    std::uint32_t pid = 0;
    std::string process;
    Endpoint local, remote;
  };
  void offer(EventKind kind, const StateRecord& record, const Known& known, FunctionRef<void(SocketEvent&&)> take);

  FollowRequest request_;
  std::int64_t unsure_until_ = std::numeric_limits<std::int64_t>::min();
  std::unordered_map<std::uint64_t, Known> alive_;
};

}  // namespace duostat
