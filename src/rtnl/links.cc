// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/rtnl/links.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/rtnl/abi.h"
#include "src/rtnl/dump.h"

namespace duostat::rtnl {
namespace {

/// The sums that /proc/net/dev shows (net/core/net-procfs.c, dev_seq_printf_stats).
InterfaceCounters counters_of(const abi::LinkStatistics& s) noexcept {
  InterfaceCounters c;
  c.rx_bytes = s.rx_bytes, c.rx_packets = s.rx_packets, c.rx_errors = s.rx_errors;
  c.rx_dropped = s.rx_dropped + s.rx_missed_errors, c.rx_fifo = s.rx_fifo_errors;
  c.rx_frame = s.rx_length_errors + s.rx_over_errors + s.rx_crc_errors + s.rx_frame_errors;
  c.rx_compressed = s.rx_compressed, c.rx_multicast = s.multicast;
  c.tx_bytes = s.tx_bytes, c.tx_packets = s.tx_packets, c.tx_errors = s.tx_errors, c.tx_dropped = s.tx_dropped;
  c.tx_fifo = s.tx_fifo_errors, c.collisions = s.collisions;
  c.tx_carrier = s.tx_carrier_errors + s.tx_aborted_errors + s.tx_window_errors + s.tx_heartbeat_errors;
  c.tx_compressed = s.tx_compressed;
  return c;
}

void read_map(Bytes value, InterfaceMap& map) noexcept {
  abi::LinkMap wire{};
  std::memcpy(&wire, value.data(), std::min(value.size(), abi::kLinkMapSize));
  map.memory_start = wire.memory_start;
  map.memory_end = wire.memory_end;
  map.base_address = static_cast<std::uint16_t>(wire.base_address);
  map.irq = static_cast<std::uint8_t>(wire.irq);
  map.dma = wire.dma;
  map.port = wire.port;
}

/// Parses one RTM_NEWLINK.
bool read_link(const Message& message, std::uint32_t& index, Interface& interface) {
  abi::LinkMessage link;
  if (message.type != abi::kNewLink || !read_at(message.payload, 0, link)) return false;
  index = link.index;
  interface.flags = static_cast<std::uint16_t>(link.flags);
  interface.hardware_type = link.type;
  AttributeWalk walk(message.payload, sizeof link);
  for (Attribute a; walk.next(a);) {
    if (a.type == abi::kLinkName) interface.name = text_of(a);
    if (a.type == abi::kLinkMtu) interface.mtu = number_of(a);
    if (a.type == abi::kLinkQueueLength) interface.queue_length = number_of(a);
    if (a.type == abi::kLinkMap) read_map(a.value, interface.map);
    if (a.type == abi::kLinkInfo) {
      AttributeWalk info(a.value);
      for (Attribute one; info.next(one);)
        if (one.type == abi::kLinkInfoKind) interface.kind = text_of(one);
    }
    abi::LinkStatistics statistics;
    if (a.type == abi::kLinkStatistics && read_at(a.value, 0, statistics)) interface.counters = counters_of(statistics);
    if (a.type == abi::kLinkAddress) {
      interface.hardware_length =
          static_cast<std::uint8_t>(std::min(a.value.size(), interface.hardware_address.size()));
      std::memcpy(interface.hardware_address.data(), a.value.data(), interface.hardware_length);
    }
  }
  return !interface.name.empty();
}

Address address_of(const Attribute& a) noexcept {
  Address address{};
  std::memcpy(address.data(), a.value.data(), std::min(a.value.size(), address.size()));
  return address;
}

Address mask_of_prefix(unsigned length) noexcept {
  Address mask{};
  for (unsigned bit = 0; bit < std::min(length, 32u); ++bit)
    mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] | 0x80 >> bit % 8);
  return mask;
}

/// ipv6_addr_type() & IPV6_ADDR_SCOPE_MASK, as in /proc/net/if_inet6: derived from the address, not from the scope
/// attribute.
std::uint8_t scope_of(const Address& a) noexcept {
  constexpr Address kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  if (a == kLoopback) return 0x10;
  if (a[0] == 0xfe && (a[1] & 0xc0) == 0x80) return 0x20;
  if (a[0] == 0xfe && (a[1] & 0xc0) == 0xc0) return 0x40;
  const bool compatible = std::all_of(a.begin(), a.begin() + 12, [](std::uint8_t byte) { return byte == 0; });
  return compatible && !is_unspecified(a) ? 0x80 : 0;
}

struct Links {
  std::vector<Interface> interfaces;
  std::map<std::uint32_t, std::size_t> by_index;
  /// Of the first `named` interfaces; the first one of each name.
  std::map<std::string, std::size_t, std::less<>> by_name;
  std::size_t named = 0;

  Interface* at(std::uint32_t index) {
    const auto found = by_index.find(index);
    return found == by_index.end() ? nullptr : &interfaces[found->second];
  }
  /// Returns the interface of this name, or an alias of `link`, which is added if it does not exist.
  Interface& labelled(std::uint32_t index, std::string_view label) {
    Interface& link = *at(index);
    if (label.empty() || label == link.name) return link;
    for (; named < interfaces.size(); ++named) by_name.emplace(interfaces[named].name, named);
    if (const auto found = by_name.find(label); found != by_name.end()) return interfaces[found->second];
    Interface alias = link;
    alias.name = label;
    alias.counters.reset();
    alias.inet.reset();
    alias.inet6.clear();
    return interfaces.emplace_back(std::move(alias));
  }
};

/// Parses one RTM_NEWADDR of IPv4. SIOCGIFADDR returns the first address of a name.
bool read_inet(const Message& message, Links& links) {
  abi::AddressMessage head;
  if (message.type != abi::kNewAddress || !read_at(message.payload, 0, head)) return false;
  if (!abi::is_prefix(head.family, head.prefix_length)) return false;
  if (links.at(head.index) == nullptr) return true;  // an interface that appeared after the links were read
  InterfaceInet inet;
  bool local = false;
  std::string_view label;
  AttributeWalk walk(message.payload, sizeof head);
  for (Attribute a; walk.next(a);) {
    if (a.type == abi::kAddressLocal) inet.address = address_of(a), local = true;
    if (a.type == abi::kAddressAddress) inet.destination = address_of(a);
    if (a.type == abi::kAddressBroadcast) inet.broadcast = address_of(a);
    if (a.type == abi::kAddressLabel) label = text_of(a);
  }
  if (!local && inet.destination) inet.address = *inet.destination;
  inet.mask = mask_of_prefix(head.prefix_length);
  Interface& interface = links.labelled(head.index, label);
  if (!interface.inet) interface.inet = inet;
  return true;
}

bool read_inet6(const Message& message, Links& links) {
  abi::AddressMessage head;
  if (message.type != abi::kNewAddress || !read_at(message.payload, 0, head)) return false;
  if (!abi::is_prefix(head.family, head.prefix_length)) return false;
  Interface* interface = links.at(head.index);
  if (interface == nullptr) return true;
  InterfaceInet6 inet6;
  bool local = false;
  AttributeWalk walk(message.payload, sizeof head);
  for (Attribute a; walk.next(a);) {
    if (a.type == abi::kAddressLocal) inet6.address = address_of(a), local = true;
    if (a.type == abi::kAddressAddress && !local) inet6.address = address_of(a);
  }
  inet6.prefix_length = head.prefix_length;
  inet6.scope = scope_of(inet6.address);
  interface->inet6.push_back(inet6);
  return true;
}

}  // namespace

std::uint32_t link_by_alternative_name(const OpenTransport& open, std::string_view name) {
  std::uint32_t found = 0;
  const auto visit = [&](const Message& message) {
    abi::LinkMessage link;
    if (message.type != abi::kNewLink || !read_at(message.payload, 0, link)) return false;
    AttributeWalk walk(message.payload, sizeof link);
    for (Attribute list; walk.next(list);) {
      if (list.type != abi::kLinkProperties) continue;
      AttributeWalk properties(list.value);
      for (Attribute one; properties.next(one);)
        if (one.type == abi::kLinkOtherName && text_of(one) == name) found = link.index;
    }
    return true;
  };
  dump(open, abi::kGetLink, 0, "RTM_GETLINK", visit, [&] { found = 0; });
  return found;
}

Coverage read_link_names(const OpenTransport& open, LinkNames& names) {
  const auto visit = [&](const Message& message) {
    Interface interface;
    std::uint32_t index = 0;
    if (!read_link(message, index, interface)) return false;
    names[index] = std::move(interface.name);
    return true;
  };
  return dump(open, abi::kGetLink, 0, "RTM_GETLINK", visit, [&] { names.clear(); });
}

Coverage read_interfaces(const OpenTransport& open, std::vector<Interface>& interfaces) {
  Links links, before;  // what the current dump adds to
  const auto restart = [&] { links = before; };
  const auto read_links = [&](const Message& message) {
    Interface interface;
    std::uint32_t index = 0;
    if (!read_link(message, index, interface)) return false;
    links.by_index[index] = links.interfaces.size();
    links.interfaces.push_back(std::move(interface));
    return true;
  };
  Coverage coverage = dump(open, abi::kGetLink, 0, "RTM_GETLINK", read_links, restart);
  before = links;
  const auto read_inets = [&](const Message& message) { return read_inet(message, links); };
  if (coverage.error == 0)
    coverage.merge(dump(open, abi::kGetAddress, abi::kInet, "RTM_GETADDR", read_inets, restart));
  before = links;
  // Without IPv6 the kernel answers for another family, or refuses; then there are no such addresses.
  const auto read_inets6 = [&](const Message& message) {
    return message.payload.empty() || message.payload[0] != std::byte{abi::kInet6} || read_inet6(message, links);
  };
  if (coverage.error == 0)
    coverage.interrupted |= dump(open, abi::kGetAddress, abi::kInet6, "RTM_GETADDR", read_inets6, restart).interrupted;
  interfaces = std::move(links.interfaces);
  return coverage;
}

Coverage read_multicast_groups(const OpenTransport& open, Family family, std::vector<MulticastGroup>& groups) {
  LinkNames names;
  const Coverage named = read_link_names(open, names);
  if (named.error != 0) return named;
  bool answered = true;
  const auto visit = [&](const Message& message) {
    abi::AddressMessage head;
    if (!read_at(message.payload, 0, head)) return false;
    if (head.family != static_cast<std::uint8_t>(family)) return answered = false;
    MulticastGroup group{family, {}, names[head.index], std::nullopt};
    AttributeWalk walk(message.payload, sizeof head);
    bool found = false;
    for (Attribute a; walk.next(a);)
      if (a.type == abi::kAddressMulticast) group.group = address_of(a), found = true;
    if (found) groups.push_back(std::move(group));
    return found;
  };
  Coverage coverage = dump(open, abi::kGetMulticast, static_cast<std::uint8_t>(family), "RTM_GETMULTICAST", visit,
                           [&] { groups.clear(), answered = true; });
  coverage.interrupted |= named.interrupted;
  if (coverage.error == 0 && !answered) coverage.error = EOPNOTSUPP, coverage.operation = Operation::rtnl_dump;
  return coverage;
}

}  // namespace duostat::rtnl
