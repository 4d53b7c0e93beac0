// Words for numbers, as ss chooses them: services, interfaces, netlink protocols, Ethertypes, hosts.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "compat/ss/options.h"
#include "compat/ss/piece.h"
#include "src/collect/environment.h"
#include "src/model/socket.h"
#include "src/names/netlink_protocols.h"
#include "src/names/rpc_programs.h"
#include "src/query/eval.h"

namespace duostat::ss {

class Labels {
 public:
  /// `rpc` also names ports, if names are wanted; null: names are not wanted.
  Labels(Environment& env, const Request& request, RpcPrograms* rpc);

  /// Called when a table begins. The last of tcp, udp and raw decides the names of ports, also in later tables.
  void table_begins(Protocol table);

  /// A port: `*` for 0, the name of a service, a number.
  void port(Piece& piece, std::uint32_t port);
  /// An IP address without brackets; a host name with -r.
  void address(Piece& piece, Family family, const Address& address);
  /// The same with brackets around text that has a colon; IPv6's :: is `*` unless the socket is IPv6-only.
  void endpoint(Piece& piece, Family family, const Address& address, bool v6only);
  /// Name of an interface, "if7" if it has none.
  void interface(Piece& piece, std::uint32_t ifindex);
  void netlink_protocol(Piece& piece, std::uint32_t number);
  /// The owner of a netlink port id.
  void netlink_port(Piece& piece, std::int32_t port);
  void ethertype(Piece& piece, std::uint16_t type);
  /// Escapes text from other processes.
  std::string_view harmless(std::string_view text);

  /// The message for standard error about names that could not be read; empty if there are none.
  std::string problem() const;

  PortRange ephemeral() const noexcept { return ephemeral_; }

 private:
  enum class PortNames : std::uint8_t { services, ip_protocols };
  const NetlinkProtocols& netlink_names();

  Environment& env_;
  const Request& request_;
  RpcPrograms* rpc_;
  PortRange ephemeral_;
  PortNames port_names_ = PortNames::services;
  ServiceProtocol services_ = ServiceProtocol::any;
  std::optional<NetlinkProtocols> netlink_names_;
  std::uint64_t unread_ = 0;  ///< netlink port ids whose process could not be read
  int unread_error_ = 0;
  std::map<std::int32_t, std::string> netlink_owners_;  ///< "COMM/" of the process with that id, or empty
  std::string scratch_;
};

}  // namespace duostat::ss
