// Everything that can be compared between two moments of a host, or between two hosts.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/model/address.h"
#include "src/model/counters.h"
#include "src/model/interface.h"
#include "src/model/listener.h"
#include "src/model/port_range.h"
#include "src/model/route.h"
#include "src/model/state.h"

namespace duostat {

/// A socket that no row of the listeners stands for.
struct SnapshotSocket {
  Protocol protocol{};
  Family family{};
  State state{};
  std::uint64_t cookie = 0;  ///< 0: unknown
  std::uint64_t inode = 0;
  Endpoint local, remote;
  std::uint32_t ifindex = 0;
  std::optional<std::uint32_t> rqueue, wqueue;
  std::string name;       ///< of a UNIX socket
  std::uint32_t pid = 0;  ///< 0: none, or not visible
  std::string process;
};

struct Snapshot {
  std::string hostname;
  std::int64_t wall_ns = 0;             ///< CLOCK_REALTIME
  std::optional<std::int64_t> boot_ns;  ///< CLOCK_REALTIME at boot, to about 10 ms
  std::uint64_t netns = 0;              ///< inode of the network namespace; 0: unknown

  std::vector<SnapshotSocket> sockets;
  std::vector<Listener> listeners;
  PortRange ephemeral;
  std::vector<Route> routes;
  std::vector<Interface> interfaces;
  std::vector<CounterSection> counters;

  struct Problem {
    std::string object, error;
  };
  std::vector<Problem> problems;  ///< what could not be read
};

}  // namespace duostat
