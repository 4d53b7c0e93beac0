// Names of ports that RPC programs have registered with rpcbind on this machine (RFC 1833, RPCBPROC_DUMP).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/names/resolver.h"

namespace duostat {

/// A program at a port of TCP or UDP.
struct RpcProgram {
  std::uint32_t number = 0;  ///< RPC program number (rpc(5) has the names)
  ServiceProtocol protocol = ServiceProtocol::any;
  std::uint16_t port = 0;

  bool operator==(const RpcProgram&) const = default;
};

/// The programs in an answer to RPCBPROC_DUMP (RFC 5531 section 9 and RFC 1833 section 2.1; without record marks), in its
/// order; of registrations for TCP and UDP at every address, which ss alone looks at. Empty if it is damaged, refuses, or
/// answers another question than `transaction`.
std::vector<RpcProgram> parse_rpcbind_dump(Bytes answer, std::uint32_t transaction);

/// The name of a program by the text of rpc(5); empty if it is not there.
std::string_view rpc_name(std::string_view database, std::uint32_t number);

/// Asks rpcbind once, at the first question.
class RpcPrograms {
 public:
  static constexpr std::string_view kSocket = "/var/run/rpcbind.sock";
  static constexpr std::chrono::milliseconds kPatience{5000};

  /// `patience`: how long rpcbind may take altogether.
  explicit RpcPrograms(std::string socket = std::string(kSocket), std::chrono::milliseconds patience = kPatience)
      : socket_(std::move(socket)), patience_(patience) {}

  /// "rpc.nfs" for a port (host order); with ServiceProtocol::any of either protocol. Empty if there is none, and if the program
  /// that registered it last has no name. Raw bytes; lives as long as this object.
  std::string_view name(std::uint16_t port, ServiceProtocol protocol);
  /// The port that a program registered last.
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
