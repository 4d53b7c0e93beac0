// Entries of the kernel's routing tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/model/address.h"

namespace duostat {

/// Flags of a route: RTF_ of include/uapi/linux/route.h and ipv6_route.h, as far as code asks for them.
namespace route_flag {
inline constexpr std::uint32_t up = 0x1, gateway = 0x2, host = 0x4, reject = 0x200, cache = 0x1000000;
}

/// IPv4 (fib_route_seq_show()). The interface lives as long as the line it was read from.
struct Route {
  std::string_view interface;  ///< "*" if the route has none
  Address destination{}, gateway{}, mask{};
  std::uint32_t flags = 0;
  std::int32_t references = 0, uses = 0, metric = 0;
  std::uint32_t mtu = 0;       ///< advertised MSS + 40, bytes; 0 none
  std::uint32_t window = 0;    ///< bytes
  std::uint32_t irtt = 0;      ///< initial round trip time, milliseconds
};

/// IPv6 (rt6_info_route() of ipv6_route_seq_show()).
struct Route6 {
  std::string_view interface;
  Address destination{}, next_hop{};
  unsigned prefix_length = 0;
  std::uint32_t flags = 0;
  std::int32_t metric = 0, references = 0, uses = 0;
};

}  // namespace duostat
