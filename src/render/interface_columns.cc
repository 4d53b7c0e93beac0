// The columns of a network interface.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>

#include "src/render/address.h"
#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

/// IFF_*, with the names of include/uapi/linux/if.h.
constexpr FlagWord kInterfaceFlags[] = {
    {kInterfaceUp, "up"},           {kInterfaceBroadcast, "broadcast"},   {kInterfaceDebug, "debug"},
    {kInterfaceLoopback, "loopback"}, {kInterfacePointToPoint, "pointopoint"}, {kInterfaceNoTrailers, "notrailers"},
    {kInterfaceRunning, "running"}, {kInterfaceNoArp, "noarp"},           {kInterfacePromiscuous, "promisc"},
    {kInterfaceAllMulticast, "allmulti"}, {kInterfaceMaster, "master"},   {kInterfaceSlave, "slave"},
    {kInterfaceMulticast, "multicast"}, {kInterfacePortSelect, "portsel"}, {kInterfaceAutoMedia, "automedia"},
    {kInterfaceDynamic, "dynamic"},
};

/// Address lengths of the common hardware types (ARPHRD_*): the ioctl returns 14 bytes for every type.
struct HardwareLength {
  std::uint16_t type;
  std::uint8_t length;
};
constexpr HardwareLength kHardwareLengths[] = {{1, 6},   {6, 6},    {772, 6},  {768, 4},   {776, 4},   {778, 4},
                                               {32, 20}, {769, 16}, {823, 16}, {65534, 0}, {65535, 0}, {280, 0}};

/// Length of an interface's address in bytes; 0 if it has none or the length is unknown.
std::size_t address_length(const Interface& i) {
  constexpr std::size_t kOfIoctl = 14;
  for (const HardwareLength& row : kHardwareLengths)
    if (row.type == i.hardware_type) return row.length <= i.hardware_length ? row.length : 0;
  return i.hardware_length == kOfIoctl ? 0 : std::min<std::size_t>(i.hardware_length, i.hardware_address.size());
}

Value hardware_address(const Interface& i, std::string& text) {
  const std::size_t length = address_length(i);
  if (length == 0) return {};
  text.clear();
  for (std::size_t at = 0; at < length; ++at)
    text += fmt::format("{}{:02x}", at == 0 ? "" : ":", i.hardware_address[at]);
  return Value::text_of(text);
}

Value inet_value(std::string& text, const std::optional<Address>& address) {
  return address ? address_value(text, Family::inet, *address) : Value{};
}
Value inet_destination(const Interface& i, std::string& text) {
  return i.inet && (i.flags & kInterfacePointToPoint) != 0 ? inet_value(text, i.inet->destination) : Value{};
}
Value inet_broadcast(const Interface& i, std::string& text) {
  if (!i.inet || (i.flags & kInterfaceBroadcast) == 0 || !i.inet->broadcast) return {};
  return given_address_value(text, Family::inet, *i.inet->broadcast);
}

std::string_view scope_word(std::uint8_t scope) {
  struct Scope {
    std::uint8_t bit;
    std::string_view word;
  };
  constexpr Scope kScopes[] = {{0x10, "host"}, {0x20, "link"}, {0x40, "site"}, {0x80, "compat"}};
  std::string_view word = "global";
  for (const Scope& s : kScopes)
    if ((scope & s.bit) != 0) word = s.word;
  return word;
}

/// "fe80::1/64, 2001:db8::1/64"
Value inet6_text(const Interface& i, std::string& text) {
  if (i.inet6.empty()) return {};
  text.clear();
  std::string address;
  for (const InterfaceInet6& a : i.inet6) {
    address_value(address, Family::inet6, a.address);
    text.append(text.empty() ? "" : ", ").append(address).append("/").append(std::to_string(a.prefix_length));
  }
  return Value::text_of(text);
}

void put_inet6(const Interface& i, std::string_view key, Json& json) {
  if (i.inet6.empty()) return;
  json.key(key);
  json.begin_array();
  std::string address;
  for (const InterfaceInet6& a : i.inet6) {
    json.begin_object();
    put_value(json, "address", address_value(address, Family::inet6, a.address));
    json.member("prefix_length", a.prefix_length);
    json.member("scope", scope_word(a.scope));
    json.end_object();
  }
  json.end_array();
}

/// The index of a member of InterfaceCounters, in the order of /proc/net/dev.
template <std::size_t place>
Value counter(const Interface& i, std::string&) {
  using C = InterfaceCounters;
  constexpr std::uint64_t C::*kMembers[] = {
      &C::rx_bytes,   &C::rx_packets, &C::rx_errors,  &C::rx_dropped, &C::rx_fifo,    &C::rx_frame,
      &C::rx_compressed, &C::rx_multicast, &C::tx_bytes, &C::tx_packets, &C::tx_errors, &C::tx_dropped,
      &C::tx_fifo,    &C::collisions, &C::tx_carrier, &C::tx_compressed};
  return i.counters && place < i.counters->known ? Value::of((*i.counters).*kMembers[place]) : Value{};
}

// clang-format off
constexpr RecordColumn<Interface> kInterfaceColumns[] = {
    {"name", "name, or that of an alias: eth0:7", Unit::text,
     [](const Interface& i, std::string&) { return Value::text_of(i.name); }},
    {"flags", "IFF_*, by name", Unit::text,
     [](const Interface& i, std::string& t) { return flags_value(t, i.flags, kInterfaceFlags); },
     [](const Interface& i, std::string_view key, Json& json) { put_flags(json, key, i.flags, kInterfaceFlags); }},
    {"type", "ARPHRD_*, the type of hardware", Unit::none,
     [](const Interface& i, std::string&) { return number_value(i.hardware_type); }},
    {"address", "hardware address", Unit::text, hardware_address},
    {"mtu", "largest packet", Unit::bytes, [](const Interface& i, std::string&) { return number_value(i.mtu); }},
    {"tx_queue_len", "limit of packets waiting to be sent", Unit::none,
     [](const Interface& i, std::string&) { return number_value(i.queue_length); }},
    {"map.memory_start", "of an ISA card", Unit::none,
     [](const Interface& i, std::string&) { return given_value(i.map.memory_start); }},
    {"map.memory_end", "of an ISA card", Unit::none,
     [](const Interface& i, std::string&) { return given_value(i.map.memory_end); }},
    {"map.base_address", "of an ISA card", Unit::none,
     [](const Interface& i, std::string&) { return given_value(i.map.base_address); }},
    {"map.irq", "of an ISA card", Unit::none, [](const Interface& i, std::string&) { return given_value(i.map.irq); }},
    {"map.dma", "of an ISA card", Unit::none, [](const Interface& i, std::string&) { return given_value(i.map.dma); }},
    {"map.port", "of an ISA card", Unit::none,
     [](const Interface& i, std::string&) { return given_value(i.map.port); }},
    {"inet.address", "the first IPv4 address", Unit::text,
     [](const Interface& i, std::string& t) {
       return i.inet ? address_value(t, Family::inet, i.inet->address) : Value{};
     },
     nullptr, {},
     kIp},
    {"inet.destination", "address of the other end of a point-to-point link", Unit::text, inet_destination, nullptr, {},
     kIp},
    {"inet.broadcast", "IPv4 broadcast address", Unit::text, inet_broadcast, nullptr, {}, kIp},
    {"inet.mask", "network mask of the IPv4 address", Unit::text,
     [](const Interface& i, std::string& t) { return i.inet ? inet_value(t, i.inet->mask) : Value{}; }},
    {"inet6", "IPv6 addresses with their prefix lengths", Unit::text, inet6_text, put_inet6},
    {"counters.rx_bytes", "received", Unit::bytes, counter<0>},
    {"counters.rx_packets", "received", Unit::none, counter<1>},
    {"counters.rx_errors", "received with errors", Unit::none, counter<2>},
    {"counters.rx_dropped", "received and dropped, or missed", Unit::none, counter<3>},
    {"counters.rx_fifo", "lost because a queue was full", Unit::none, counter<4>},
    {"counters.rx_frame", "received with a wrong length, checksum or frame", Unit::none, counter<5>},
    {"counters.rx_compressed", "received compressed", Unit::none, counter<6>},
    {"counters.rx_multicast", "received for a multicast group", Unit::none, counter<7>},
    {"counters.tx_bytes", "sent", Unit::bytes, counter<8>},
    {"counters.tx_packets", "sent", Unit::none, counter<9>},
    {"counters.tx_errors", "not sent because of errors", Unit::none, counter<10>},
    {"counters.tx_dropped", "dropped before they were sent", Unit::none, counter<11>},
    {"counters.tx_fifo", "lost because a queue was full", Unit::none, counter<12>},
    {"counters.collisions", "collisions", Unit::none, counter<13>},
    {"counters.tx_carrier", "not sent because there was no carrier", Unit::none, counter<14>},
    {"counters.tx_compressed", "sent compressed", Unit::none, counter<15>},
};
// clang-format on

}  // namespace

template <>
std::span<const RecordColumn<Interface>> record_columns<Interface>() {
  return kInterfaceColumns;
}

}  // namespace duostat
