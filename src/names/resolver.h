// Numbers to names: cached lookups in the system's databases (getservbyport(3) and the like). Replaceable in tests.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/model/address.h"
#include "src/model/protocol.h"

namespace duostat {

/// Selects entries of the services database.
enum class ServiceProtocol : std::uint8_t { any, tcp, udp, dccp, sctp };

/// Every function returns an empty view if there is no name. Views live as long as the resolver. Names are raw bytes:
/// callers escape them for output.
class Resolver {
 public:
  virtual ~Resolver() = default;

  /// Returns the service name of a port (host order): the first entry of the database, like getservbyport(3).
  virtual std::string_view service(std::uint16_t port, ServiceProtocol protocol) = 0;
  /// Returns the last entry of the database, like net-tools, which reads the whole database into a list.
  virtual std::string_view service_last(std::uint16_t port, ServiceProtocol protocol) = 0;
  /// IP protocol name (getprotobynumber(3)).
  virtual std::string_view ip_protocol(std::uint32_t number) = 0;
  /// Canonical host name by reverse lookup. Failures are cached too.
  virtual std::string_view host(Family family, const Address& address) = 0;
  /// Network name (getnetbyaddr(3)) of an IPv4 network.
  virtual std::string_view network(const Address& address) = 0;
  /// Login name of a user id.
  virtual std::string_view user(std::uint32_t uid) = 0;
  /// Interface name of an index in this network namespace.
  virtual std::string_view interface(std::uint32_t ifindex) = 0;
  /// Interface index of a name; 0 if there is none.
  virtual std::uint32_t interface_index(std::string_view name) = 0;
};

}  // namespace duostat
