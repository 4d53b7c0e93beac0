// The use of ephemeral ports by TCP sockets: of the local range, which ports are held, and how many one pair of
// addresses uses to one port of the peer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/insight/rule.h"
#include "src/model/port_range.h"

namespace duostat {

inline constexpr std::uint32_t kPorts = 65536;

/// net.ipv4.ip_local_port_range without net.ipv4.ip_local_reserved_ports.
class LocalPorts {
 public:
  LocalPorts() = default;
  /// Needs the facts local_port_low and local_port_high.
  explicit LocalPorts(const Look& look);
  bool has(std::uint32_t port) const { return range_.has(port) && port < kPorts && !reserved_[port]; }
  /// Ports that connect() may choose; 0: the range is not known.
  std::uint64_t size() const { return size_; }
  /// False: the range counts ports that may be reserved.
  bool knows_reserved() const { return knows_reserved_; }
  /// "32768-60999"
  std::string text() const;

 private:
  PortRange range_;
  bool knows_reserved_ = true;
  std::uint64_t size_ = 0;
  std::vector<bool> reserved_;
};

/// Counts by a 64-bit digest of (local address, peer, peer's port): 16 bytes for each of perhaps 200,000 pairs.
class TupleCounts {
 public:
  /// Returns the count after adding one.
  std::uint32_t add(std::uint64_t digest);

 private:
  struct Slot {
    std::uint64_t digest = 0;
    std::uint32_t count = 0;  ///< 0: free
  };
  Slot& find(std::uint64_t digest);
  void grow();
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

class PortUse {
 public:
  /// A pair of addresses and a port of the peer, and the ports that it uses so far.
  struct Pair {
    std::uint64_t digest;
    std::uint32_t used;
  };

  /// Uses the facts tcp_tw_reuse and tcp_timestamps too, and begins anew.
  void begin(const Look& look);
  /// A TCP socket. Returns its pair if its port counts there: not if it is outside the range, of a listener, not
  /// connected, or a TIME-WAIT that connect() may reuse. Uses Field::timer.
  std::optional<Pair> add(const Socket& socket);

  const LocalPorts& range() const { return range_; }
  /// Ports of the range that some socket holds, and those of listeners and of sockets without a peer: bind() certainly
  /// holds them.
  std::uint64_t held() const;
  std::uint64_t bound() const;
  /// Connections that hold ports of the range.
  std::uint64_t sockets() const { return sockets_; }
  /// The most ports that a pair uses.
  std::uint32_t largest() const { return largest_; }

 private:
  bool is_reusable(const Socket& socket) const;

  LocalPorts range_;
  std::vector<bool> held_, bound_, listening_;  ///< by port
  std::uint64_t sockets_ = 0;
  std::uint64_t reuse_ = 0;  ///< tcp_tw_reuse; 0 without timestamps
  std::uint32_t largest_ = 0;
  TupleCounts tuples_;
};

}  // namespace duostat
