// Adds up connections by peer, process and local port, for reports.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "src/model/address.h"
#include "src/model/socket.h"
#include "src/render/column.h"

namespace duostat {

/// Sums over connections. Bytes are the life-long counters of tcp_info, of the sockets that have them.
struct Total {
  std::uint64_t sockets = 0;
  std::uint64_t measured = 0;  ///< of them: sockets with the counters below
  std::uint64_t sent = 0, received = 0, retransmitted = 0;  ///< bytes

  void add(const Socket& socket);
};

/// The sort key of a list of totals, in descending order.
enum class TotalOrder : std::uint8_t { sockets, bytes, retransmitted };

class Totals {
 public:
  struct Row {
    std::string name;  ///< address, process or port; raw bytes
    std::uint64_t pid = 0;  ///< of a process that has the name; 0: none
    Total total;
  };

  /// A TCP connection. `holders` names the process.
  void add(const Socket& socket, const Holders& holders);
  /// A listener's port: connections to it count as this host's service, others as a client's.
  void add_listener(std::uint32_t port) { listening_.insert(port); }

  std::vector<Row> peers(TotalOrder order, std::size_t top) const;
  /// Processes of one name are one row.
  std::vector<Row> processes(TotalOrder order, std::size_t top) const;
  /// Services of this host by local port.
  std::vector<Row> ports(TotalOrder order, std::size_t top) const;
  /// Of all connections.
  const Total& all() const { return all_; }
  /// Connections that some process holds and whose owner is not visible. The kernel holds those without an inode.
  std::uint64_t hidden() const { return hidden_; }

 private:
  struct AddressKey {
    Address address;
    Family family;
    bool operator==(const AddressKey&) const = default;
  };
  struct AddressHash {
    std::size_t operator()(const AddressKey& key) const;
  };
  struct Process {
    std::uint32_t pid = 0;
    Total total;
  };
  std::unordered_map<AddressKey, Total, AddressHash> peers_;
  std::unordered_map<std::string, Process> processes_;
  std::unordered_map<std::uint32_t, Total> ports_;
  std::unordered_set<std::uint32_t> listening_;
  Total all_;
  std::string name_;  ///< of one add(); kept so that a known process allocates nothing
  std::uint64_t hidden_ = 0;
};

}  // namespace duostat
