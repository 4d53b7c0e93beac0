// Rows of the kernel's routing tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/model/address.h"
#include "src/model/protocol.h"

namespace duostat {

/// RTF_* (include/uapi/linux/route.h, ipv6_route.h), as far as this program decides by them.
enum RouteFlag : std::uint32_t {
  kRouteUp = 0x1,
  kRouteGateway = 0x2,
  kRouteHost = 0x4,
  kRouteReject = 0x200,
  kRouteDefault = 0x10000,       ///< inet6: learnt from a router advertisement
  kRouteAddrconf = 0x40000,      ///< inet6: made by address configuration
  kRoutePrefixRoute = 0x80000,   ///< inet6
  kRouteAnycast = 0x100000,      ///< inet6
  kRouteNoNextHop = 0x200000,    ///< inet6
  kRouteExpires = 0x400000,      ///< inet6
  kRouteCache = 0x1000000,       ///< inet6: an entry of the cache
  kRouteLocal = 0x80000000,      ///< inet6: an address of this host
};

/// One route. Numbers are the kernel's 32 bit ones; what a text file says beyond that keeps its low bits.
struct Route {
  Family family = Family::inet;
  Address destination{}, gateway{};
  Address mask{};                 ///< inet only; need not be a prefix
  std::uint8_t prefix_length = 0; ///< inet6 only
  std::uint32_t flags = 0;        ///< RTF_*
  std::uint32_t metric = 0, references = 0, use = 0;
  bool references_known = true;   ///< rtnetlink does not tell inet6's
  std::uint32_t mtu = 0, window = 0, irtt = 0;  ///< inet only; mtu is the MSS and 40 bytes, irtt milliseconds
  std::string interface;          ///< "*" where the kernel shows a route without a device
};

/// One entry of the IPv4 route cache that kernels before 3.6 had.
struct CachedRoute {
  Route route;
  Address source{}, specific_destination{};
  std::uint32_t tos = 0, hardware_header_references = 0, hardware_header_valid = 0;
};

}  // namespace duostat
