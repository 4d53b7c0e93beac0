// Entries of the kernel's routing tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/model/address.h"
#include "src/model/protocol.h"

namespace duostat {

/// RTF_* (include/uapi/linux/route.h, ipv6_route.h), as far as this program tests them.
enum RouteFlag : std::uint32_t {
  kRouteUp = 0x1,
  kRouteGateway = 0x2,
  kRouteHost = 0x4,
  kRouteReject = 0x200,
  kRouteDefault = 0x10000,       ///< inet6: learnt from a router advertisement
  kRouteAddrconf = 0x40000,      ///< inet6: created by address configuration
  kRoutePrefixRoute = 0x80000,   ///< inet6
  kRouteAnycast = 0x100000,      ///< inet6
  kRouteNoNextHop = 0x200000,    ///< inet6
  kRouteExpires = 0x400000,      ///< inet6
  kRouteCache = 0x1000000,       ///< inet6: a cache entry
  kRouteLocal = 0x80000000,      ///< inet6: an address of this host
};

/// RTNH_F_* (include/uapi/linux/rtnetlink.h), as far as this program tests them.
inline constexpr std::uint8_t kHopOnLink = 4;

/// An address of either family: an IPv4 route may lead through an IPv6 neighbour (RTA_VIA).
struct RouteGateway {
  Family family = Family::inet;
  Address address{};
};

/// One next hop of a multipath route (struct rtnexthop).
struct RouteHop {
  std::optional<RouteGateway> gateway;
  std::string interface;          ///< empty: none, or one without a name
  std::uint32_t weight = 1;
  std::uint8_t flags = 0;         ///< RTNH_F_*
};

/// The properties of a route that only rtnetlink provides: struct rtmsg, RTA_TABLE, RTA_VIA, RTA_MULTIPATH.
struct RouteOrigin {
  std::uint32_t table = 0;        ///< RT_TABLE_*, or any other number
  std::uint8_t type = 0;          ///< RTN_*
  std::uint8_t protocol = 0;      ///< RTPROT_*: the origin of the route
  std::optional<RouteGateway> via;  ///< a gateway of the other family
  std::vector<RouteHop> hops;     ///< inet only: all hops; each hop of an inet6 route is a separate route
};

/// Additional members of an entry in the IPv4 route cache (kernels before 3.6).
struct RouteCacheEntry {
  Address source{}, specific_destination{};
  std::uint32_t tos = 0, hardware_header_references = 0, hardware_header_valid = 0;
};

/// One route. Numbers are the kernel's 32-bit ones; a longer number in a text file keeps its low bits.
struct Route {
  Family family = Family::inet;
  Address destination{}, gateway{};
  Address mask{};                 ///< inet only; need not be a prefix
  std::uint8_t prefix_length = 0; ///< inet6 only
  std::uint32_t flags = 0;        ///< RTF_*
  std::uint32_t metric = 0;
  std::optional<std::uint32_t> references, use;  ///< from /proc only
  std::uint32_t mtu = 0, window = 0, irtt = 0;  ///< inet only; 0: not set; mtu is the MSS plus 40 bytes, irtt in ms
  std::string interface;          ///< "*" if the kernel shows a route without a device
  std::optional<RouteOrigin> origin;
  std::optional<RouteCacheEntry> cache;  ///< an entry of the IPv4 cache
};

}  // namespace duostat
