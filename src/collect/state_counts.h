// Counts the sockets of the shown network namespace by protocol, family and state.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "src/collect/sockets.h"

namespace duostat {

struct SocketCount {
  Protocol protocol{};
  Family family{};
  State state{};
  bool association = false;  ///< SCTP: `state` is an association's (sctp_state_t)
  std::uint64_t sockets = 0;
};

struct SocketCounts {
  std::vector<SocketCount> list;       ///< in the order of kProtocols, then by family and state
  std::uint64_t subflows = 0;          ///< TCP sockets that carry an MPTCP connection: not counted in `list`
  std::vector<TableAnswer> answers;
};

/// One dump for each table. An MPTCP connection counts once, in a state of its own: its subflows, which netlink lists
/// too, are left out of TCP if `protocols` has both. Files list only the subflows, which then count as TCP.
SocketCounts count_sockets(Environment& env, Via via, ProtocolSet protocols, FamilySet families);
/// The same; calls `each` for every socket that is counted, with the fields `more` if the backend has them.
SocketCounts count_sockets(Environment& env, Via via, ProtocolSet protocols, FamilySet families, FieldSet more,
                           FunctionRef<void(const Socket&)> each);

}  // namespace duostat
