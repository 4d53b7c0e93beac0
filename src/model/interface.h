// Network interfaces.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "src/model/address.h"

namespace duostat {

/// struct rtnl_link_stats64, as far as dev_seq_printf_stats() prints it.
struct InterfaceCounters {
  std::uint64_t rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0, rx_fifo = 0, rx_frame = 0,
                rx_compressed = 0, rx_multicast = 0;
  std::uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0, tx_fifo = 0, tx_collisions = 0,
                tx_carrier = 0, tx_compressed = 0;
};

/// IFF_ of include/uapi/linux/if.h; netdevice(7) hands out the low sixteen.
namespace interface_flag {
inline constexpr std::uint16_t up = 0x1, broadcast = 0x2, point_to_point = 0x10, port_select = 0x2000, auto_media = 0x4000;
}

/// struct ifmap.
struct InterfaceMap {
  std::uint64_t memory_start = 0, memory_end = 0;
  std::uint16_t base_address = 0;
  std::uint8_t interrupt = 0, dma = 0, port = 0;
};

/// An IPv6 address of an interface (if6_seq_show()).
struct InterfaceAddress6 {
  Address address{};
  unsigned prefix_length = 0;
  unsigned scope = 0;  ///< IPV6_ADDR_ scope bits: 0 global, 0x10 host, 0x20 link, 0x40 site, 0x80 compatible
};

/// What netdevice(7) tells about an interface or one of its labels ("eth0:1").
struct Interface {
  std::string name;
  bool has_counters = false;
  InterfaceCounters counters;
  std::uint16_t flags = 0;
  std::int32_t mtu = 0;
  std::uint16_t hardware_type = 0;                 ///< ARPHRD_
  std::array<std::uint8_t, 8> hardware_address{};  ///< as many bytes as the original looks at
  bool has_queue_length = false;
  std::int32_t queue_length = 0;                   ///< packets
  InterfaceMap map;
  bool has_address = false;                        ///< IPv4
  Address address{}, destination{}, broadcast{}, netmask{};
};

}  // namespace duostat
