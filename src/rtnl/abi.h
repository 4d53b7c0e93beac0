// The rtnetlink wire format (man 7 rtnetlink), declared in our own words like src/diag/abi.h: the kernel fixes every
// size and offset (include/uapi/linux/{rtnetlink,if_link,if_addr}.h). Numbers are in host byte order.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace duostat::rtnl::abi {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

inline constexpr int kNetlinkRoute = 0;  // NETLINK_ROUTE
inline constexpr u8 kInet = 2, kInet6 = 10;

enum : u16 {  // RTM_*
  kNewLink = 16,
  kGetLink = 18,
  kNewAddress = 20,
  kGetAddress = 22,
  kNewRoute = 24,
  kGetRoute = 26,
  kNewMulticast = 56,
  kGetMulticast = 58,  ///< also the type of the replies before Linux 6.15
  kNewNamespaceId = 88,
  kDeleteNamespaceId = 89,
  kGetNamespaceId = 90,
};

inline constexpr u32 kNamespaceIdGroup = 28;  // RTNLGRP_NSID

enum : u16 {  // NETNSA_*
  kNamespaceId = 1,
  kNamespaceFd = 3,
};

/// struct rtgenmsg, padded to the alignment of attributes
struct GeneralMessage {
  u8 family, pad[3];
};

/// struct ifinfomsg
struct LinkMessage {
  u8 family, pad;
  u16 type;  ///< ARPHRD_*
  u32 index, flags, change;
};
static_assert(sizeof(LinkMessage) == 16 && offsetof(LinkMessage, index) == 4);

enum : u16 {  // IFLA_*
  kLinkAddress = 1,
  kLinkName = 3,
  kLinkMtu = 4,
  kLinkQueueLength = 13,
  kLinkMap = 14,
  kLinkInfo = 18,        ///< IFLA_LINKINFO
  kLinkInfoKind = 1,     ///< IFLA_INFO_KIND, in it
  kLinkStatistics = 23,  ///< IFLA_STATS64
  kLinkProperties = 52,  ///< IFLA_PROP_LIST
  kLinkOtherName = 53,   ///< IFLA_ALT_IFNAME, in the list
};

/// struct rtnl_link_ifmap
struct LinkMap {
  u64 memory_start, memory_end, base_address;
  u16 irq;
  u8 dma, port;
};
static_assert(offsetof(LinkMap, irq) == 24 && offsetof(LinkMap, port) == 27);
inline constexpr std::size_t kLinkMapSize = 28;

/// struct rtnl_link_stats64 as of Linux 2.6.35; later members are not used.
struct LinkStatistics {
  u64 rx_packets, tx_packets, rx_bytes, tx_bytes, rx_errors, tx_errors, rx_dropped, tx_dropped, multicast, collisions;
  u64 rx_length_errors, rx_over_errors, rx_crc_errors, rx_frame_errors, rx_fifo_errors, rx_missed_errors;
  u64 tx_aborted_errors, tx_carrier_errors, tx_fifo_errors, tx_heartbeat_errors, tx_window_errors;
  u64 rx_compressed, tx_compressed;
};
static_assert(sizeof(LinkStatistics) == 23 * 8);

/// struct ifaddrmsg
struct AddressMessage {
  u8 family, prefix_length, flags, scope;
  u32 index;
};
static_assert(sizeof(AddressMessage) == 8);

enum : u16 {  // IFA_*
  kAddressAddress = 1,
  kAddressLocal = 2,
  kAddressLabel = 3,
  kAddressBroadcast = 4,
  kAddressMulticast = 7,
};

/// struct rtmsg
struct RouteMessage {
  u8 family, destination_length, source_length, tos;
  u8 table, protocol, scope, type;
  u32 flags;
};
static_assert(sizeof(RouteMessage) == 12 && offsetof(RouteMessage, flags) == 8);

enum : u8 {  // RTN_*
  kTypeUnicast = 1,
  kTypeLocal = 2,
  kTypeBroadcast = 3,
  kTypeAnycast = 4,
  kTypeMulticast = 5,
  kTypeBlackhole = 6,
  kTypeUnreachable = 7,
  kTypeProhibit = 8,
  kTypeThrow = 9,
};
inline constexpr u32 kHopOnLink = 4;                                  // RTNH_F_ONLINK
inline constexpr u8 kProtocolKernel = 2, kProtocolAdvertisement = 9;  // RTPROT_KERNEL, RTPROT_RA
inline constexpr u32 kTableMain = 254, kTableLocal = 255;             // RT_TABLE_*
inline constexpr u32 kRouteCloned = 0x200;                            // RTM_F_CLONED

enum : u16 {  // RTA_*
  kRouteDestination = 1,
  kRouteOutput = 4,
  kRouteGateway = 5,
  kRoutePriority = 6,
  kRouteMetrics = 8,
  kRouteMultipath = 9,
  kRouteCacheInfo = 12,
  kRouteTable = 15,
  kRouteVia = 18,
  kRouteNextHopId = 30,
};
enum : u16 { kMetricWindow = 3, kMetricRtt = 4, kMetricAdvertisedMss = 8 };  // RTAX_*

/// struct rta_cacheinfo, the members that are used.
struct RouteCacheInfo {
  u32 clients, last_use;
  std::int32_t expires;
};
static_assert(sizeof(RouteCacheInfo) == 12);

/// struct rtvia; the address follows it.
struct Via {
  u16 family;
};
static_assert(sizeof(Via) == 2);

/// struct rtnexthop; attributes follow it.
struct NextHop {
  u16 length;  ///< including its attributes
  u8 flags, hops;
  u32 index;
};
static_assert(sizeof(NextHop) == 8 && offsetof(NextHop, index) == 4);

/// False for a prefix that is longer than an address of the family: of 128 bits, if it is not inet.
constexpr bool is_prefix(u8 family, u8 length) { return length <= (family == kInet ? 32 : 128); }

}  // namespace duostat::rtnl::abi
