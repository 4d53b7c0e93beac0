// Names of the ports that RPC programs registered with rpcbind on this machine (RFC 1833, RPCBPROC_DUMP).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/names/resolver.h"

namespace duostat {

/// A program registered at a TCP or UDP port.
struct RpcProgram {
  std::uint32_t number = 0;  ///< RPC program number (rpc(5) has the names)
  ServiceProtocol protocol = ServiceProtocol::any;
  std::uint16_t port = 0;

  bool operator==(const RpcProgram&) const = default;
};

/// Parses a reply to RPCBPROC_DUMP (RFC 5531 section 9 and RFC 1833 section 2.1; without record marks). Returns the
/// programs in its order, limited to registrations for TCP and UDP at every address, the only ones that ss uses. Empty
/// if the reply is damaged, refuses, or belongs to another call than `transaction`.
std::vector<RpcProgram> parse_rpcbind_dump(Bytes answer, std::uint32_t transaction);

/// Returns the name of a number from the text of rpc(5) or protocols(5), whose lines are alike; empty if it has none.
std::string_view name_of_number(std::string_view database, std::uint32_t number);

/// Queries rpcbind once, at the first lookup.
class RpcPrograms {
 public:
  static constexpr std::string_view kSocket = "/var/run/rpcbind.sock";
  static constexpr std::chrono::milliseconds kPatience{5000};

  /// `patience`: time limit for the whole exchange with rpcbind.
  explicit RpcPrograms(std::string socket = std::string(kSocket), std::chrono::milliseconds patience = kPatience)
      : socket_(std::move(socket)), patience_(patience) {}

  /// Returns "rpc.nfs" for a port (host order); ServiceProtocol::any matches either protocol. Empty if no program
  /// registered the port, or if the last one that did has no name. Raw bytes; lives as long as this object.
  std::string_view name(std::uint16_t port, ServiceProtocol protocol);
  /// The port that the program registered last.
  std::optional<std::uint16_t> port(std::string_view name, ServiceProtocol protocol);
  /// True if the program has several ports.
  bool is_ambiguous(std::string_view name, ServiceProtocol protocol);

 private:
  struct Named {
    RpcProgram program;
    std::string name;
  };
  void load();
  bool registered(const Named& row, std::string_view name, ServiceProtocol protocol) const {
    return !name.empty() && row.name == name && row.program.protocol == protocol;
  }

  std::string socket_;
  std::chrono::milliseconds patience_;
  bool loaded_ = false;
  std::vector<Named> programs_;  ///< the latest first
};

}  // namespace duostat
