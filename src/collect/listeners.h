// The listeners of the shown host with their owners: TCP, MPTCP and UNIX sockets in state LISTEN, and UDP sockets that
// are bound to a port and have no peer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "src/collect/sockets.h"
#include "src/model/listener.h"
#include "src/procfs/owners.h"

namespace duostat {

/// The protocols that the inventory knows.
inline constexpr ProtocolSet kListenerProtocols{Protocol::tcp, Protocol::mptcp, Protocol::udp, Protocol::unix_stream,
                                                Protocol::unix_seqpacket};

struct ListenerRequest {
  ProtocolSet protocols = kListenerProtocols;
  FamilySet families{Family::inet, Family::inet6};  ///< of the IP protocols
  bool names = true;  ///< look up services and users
  const OwnerIndex* owners = nullptr;  ///< not null: the processes have been scanned, with their names
};

struct Listeners {
  std::vector<Listener> list;  ///< by protocol, then by port, family and address, or by UNIX name
  std::vector<TableAnswer> answers;
  OwnerCoverage owners;
  std::uint64_t unknown = 0;   ///< listeners whose owner is not visible
};

/// Reads one dump for each protocol and, unless the request has them, every process's descriptors once. A TCP listener
/// that is the subflow of an MPTCP listener (they share an inode) is not listed again. Never throws for a source that
/// fails.
Listeners read_listeners(Environment& env, Via via, const ListenerRequest& request);

}  // namespace duostat
