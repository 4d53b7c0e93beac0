// A network interface, from ioctl(2) (man 7 netdevice), rtnetlink and /proc/net.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/model/address.h"

namespace duostat {

/// The longest name of an interface, in bytes: IFNAMSIZ without the terminating NUL.
inline constexpr std::size_t kInterfaceNameMax = 15;

/// IFF_* (include/uapi/linux/if.h).
enum InterfaceFlag : std::uint16_t {
  kInterfaceUp = 0x1,
  kInterfaceBroadcast = 0x2,
  kInterfaceDebug = 0x4,
  kInterfaceLoopback = 0x8,
  kInterfacePointToPoint = 0x10,
  kInterfaceNoTrailers = 0x20,
  kInterfaceRunning = 0x40,
  kInterfaceNoArp = 0x80,
  kInterfacePromiscuous = 0x100,
  kInterfaceAllMulticast = 0x200,
  kInterfaceMaster = 0x400,
  kInterfaceSlave = 0x800,
  kInterfaceMulticast = 0x1000,
  kInterfacePortSelect = 0x2000,
  kInterfaceAutoMedia = 0x4000,
  kInterfaceDynamic = 0x8000,
};

/// The sums in a row of /proc/net/dev (net/core/net-procfs.c, dev_seq_printf_stats).
struct InterfaceCounters {
  std::uint64_t rx_bytes = 0, rx_packets = 0, rx_errors = 0, rx_dropped = 0, rx_fifo = 0, rx_frame = 0,
                rx_compressed = 0, rx_multicast = 0;
  std::uint64_t tx_bytes = 0, tx_packets = 0, tx_errors = 0, tx_dropped = 0, tx_fifo = 0, collisions = 0,
                tx_carrier = 0, tx_compressed = 0;
  /// How many members were received, counted in the order of the file (the order above); the others are 0.
  std::uint8_t known = 16;
};

/// struct ifmap: the resources of an ISA card.
struct InterfaceMap {
  std::uint64_t memory_start = 0, memory_end = 0;
  std::uint16_t base_address = 0;
  std::uint8_t irq = 0, dma = 0, port = 0;
};

/// The IPv4 address returned by SIOCGIFADDR, with its related addresses.
struct InterfaceInet {
  Address address{};
  std::optional<Address> destination, broadcast, mask;
};

/// An IPv6 address of an interface.
struct InterfaceInet6 {
  Address address{};
  std::uint8_t prefix_length = 0;
  std::uint8_t scope = 0;  ///< IPV6_ADDR_LOOPBACK 0x10, LINKLOCAL 0x20, SITELOCAL 0x40, COMPATv4 0x80; 0: global
};

struct Interface {
  std::string name;                 ///< or an alias, "eth0:7"
  std::string kind;                 ///< IFLA_INFO_KIND, "veth"; empty for hardware and loopback, and without rtnetlink
  std::uint16_t flags = 0;          ///< IFF_*
  std::optional<std::uint16_t> hardware_type;  ///< ARPHRD_*
  std::array<std::uint8_t, 32> hardware_address{};
  std::uint8_t hardware_length = 0; ///< bytes of the address that were received
  std::optional<std::uint32_t> mtu;
  std::optional<std::uint32_t> queue_length;
  InterfaceMap map;
  std::optional<InterfaceInet> inet;
  std::vector<InterfaceInet6> inet6;
  std::optional<InterfaceCounters> counters;  ///< absent for an alias
};

}  // namespace duostat
