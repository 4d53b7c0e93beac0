// Network addresses in the kernel's representation.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "src/model/protocol.h"

namespace duostat {

/// Sixteen bytes in network order. An IPv4 address fills the first four and the rest are zero, as in struct
/// inet_diag_sockid. The family is stored alongside: Endpoint::family.
using Address = std::array<std::uint8_t, 16>;

/// An address and the family's equivalent of a port:
/// - inet, inet6: `port` in host order (raw: the IP protocol number)
/// - packet: `port` is the ifindex, `node` the Ethertype
/// - netlink: `port` is the port id, `node` the netlink protocol
/// - vsock: `node` is the CID
/// - tipc: `node` and `port` (ref)
/// - xdp: `port` is the queue id
/// `family` is that of `address`: inet or inet6, unspecified in a family without addresses. It equals the socket's
/// family, except in SCTP, where an IPv6 socket can also have IPv4 addresses and peers.
struct Endpoint {
  Address address{};
  std::uint32_t port = 0;
  std::uint32_t node = 0;
  Family family = Family::unspecified;
  bool operator==(const Endpoint&) const = default;
};

constexpr bool is_unspecified(const Address& a) {
  return std::ranges::all_of(a, [](std::uint8_t byte) { return byte == 0; });
}

/// ::ffff:0:0/96 (RFC 4291 section 2.5.5.2).
constexpr bool is_v4_mapped(const Address& a) {
  return std::all_of(a.begin(), a.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) && a[10] == 0xff &&
         a[11] == 0xff;
}

/// The IPv4 address in a v4-mapped one.
constexpr Address unmapped(const Address& a) { return Address{a[12], a[13], a[14], a[15]}; }

}  // namespace duostat
