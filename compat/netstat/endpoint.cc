// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/endpoint.h"

#include <algorithm>

#include "compat/netstat/cells.h"
#include "src/base/escape.h"

namespace duostat::netstat {
namespace {

constexpr std::size_t kTextMax = 22;     ///< host and port together
constexpr std::size_t kPortMax = 18;     ///< of a port that has to be cut
constexpr std::size_t kHostMax = 127;    ///< longest host name
constexpr std::size_t kServiceMax = 63;  ///< longest service name
static_assert(EndpointText::kRoom > kHostMax + 1 + kServiceMax);

std::string_view view(const char* begin, const char* end) { return {begin, static_cast<std::size_t>(end - begin)}; }

/// The name that netstat shows for a port: the last one of the services database.
std::string_view port_name(Resolver& names, Protocol protocol, std::uint32_t number) {
  const auto port = static_cast<std::uint16_t>(number);
  switch (protocol) {
    case Protocol::tcp: return names.service_last(port, ServiceProtocol::tcp);
    case Protocol::udp:
    case Protocol::udplite: return names.service_last(port, ServiceProtocol::udp);
    case Protocol::raw: return names.ip_protocol(number);
    default: return {};
  }
}

}  // namespace

std::string_view EndpointText::host(Family family, const Address& address, char* buffer) {
  const bool named = !rules_.numeric_hosts;
  if (named && is_unspecified(address)) return family == Family::inet ? "0.0.0.0" : "[::]";
  if (named) {
    const bool network = family == Family::inet && address[0] == 0;
    const std::string_view name = network ? names_.network(address) : names_.host(family, address);
    if (!name.empty()) return without_controls(name, host_scratch_).substr(0, kHostMax);
  }
  if (family != Family::inet && is_v4_mapped(address)) return view(buffer, format_ipv4(buffer, address.data() + 12));
  return view(buffer, format_address(buffer, family, address));
}

std::string_view EndpointText::port(Protocol protocol, std::uint32_t number, char* buffer) {
  if (number == 0) return "*";
  if (!rules_.numeric_ports) {
    const std::string_view name = port_name(names_, protocol, number);
    if (!name.empty()) return without_controls(name, port_scratch_).substr(0, kServiceMax);
  }
  return view(buffer, format_decimal(buffer, number));
}

char* EndpointText::format(char* at, Family family, Protocol protocol, const Endpoint& endpoint, int width) {
  char host_buffer[kAddressTextMax], port_buffer[24];
  std::string_view host_text = host(family, endpoint.address, host_buffer);
  std::string_view port_text = port(protocol, endpoint.port, port_buffer);
  if (!rules_.wide && host_text.size() + port_text.size() > kTextMax) {
    port_text = port_text.substr(0, kPortMax);
    host_text = host_text.substr(0, kTextMax - port_text.size());
  }
  char* const start = at;
  at = put(at, host_text);
  *at++ = ':';
  at = std::min(put(at, port_text), start + kMax);
  return pad(start, at, width);
}

char* EndpointText::format_host(char* at, Family family, const Address& address) {
  char buffer[kAddressTextMax];
  return put(at, host(family, address, buffer));
}

}  // namespace duostat::netstat
