// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/interface_details.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "compat/netstat/row.h"

namespace duostat::netstat {
namespace {

using HardwareAddress = std::array<std::uint8_t, 32>;

std::string hex_bytes(std::span<const std::uint8_t> bytes, std::string_view separator, bool upper) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += separator;
    text += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  return text;
}

/// Amateur radio call sign (AX.25): six characters shifted left, blanks at the end, then the station's number.
std::string call_sign(const HardwareAddress& a) {
  std::string text;
  for (int i = 0; i < 6; ++i) {
    const auto c = static_cast<char>(a[static_cast<std::size_t>(i)] >> 1 & 0x7f);
    if (c == '\0' || c == ' ') break;
    text += c;
  }
  const unsigned station = a[6] >> 1 & 0xf;
  return station == 0 ? text : fmt::format("{}-{}", text, station);
}

/// Only eight bytes are printed, because the original takes such an address for shorter.
/// quirk: short-hardware-address - bytes that the kernel did not provide are zeros
std::string unknown_address(const HardwareAddress& a) {
  HardwareAddress shown{};
  std::copy_n(a.begin(), 8, shown.begin());
  return hex_bytes(std::span(shown).first(16), "-", true);
}

std::string text_address(const HardwareAddress& a) {
  const auto* end = std::find(a.begin(), a.begin() + 8, 0);
  return std::string(a.begin(), end);
}

/// One digit for each of 64 bytes: its lower half.
// quirk: ash-address - the address has half as many bytes; the original reads on into the counters after it
std::string ash_address(const HardwareAddress& a) {
  constexpr std::size_t kDigits = 64;
  std::string text = "[";
  for (const std::uint8_t byte : a) text += fmt::format("{:x}", byte & 0xf);
  text.append(kDigits - a.size(), '0');
  return text + "]";
}

template <std::size_t bytes, char separator, bool upper>
std::string separated(const HardwareAddress& a) {
  constexpr char kSeparator[] = {separator, '\0'};
  return hex_bytes(std::span(a).template first<bytes>(), kSeparator, upper);
}

struct HardwareType {
  std::uint16_t number;  ///< ARPHRD_*
  std::string_view name, title;
  std::string (*address)(const HardwareAddress&) = nullptr;  ///< none: the name alone
};
constexpr HardwareType kHardwareTypes[] = {
    {0, "netrom", "AMPR NET/ROM", call_sign},
    {1, "ether", "Ethernet", separated<6, ':', false>},
    {3, "ax25", "AMPR AX.25", call_sign},
    {7, "arcnet", "ARCnet", separated<1, ':', true>},
    {15, "dlci", "Frame Relay DLCI", [](const HardwareAddress& a) { return std::to_string(a[0] | a[1] << 8); }},
    {27, "eui64", "Generic EUI-64", separated<8, ':', true>},
    {256, "slip", "Serial Line IP"},
    {257, "cslip", "VJ Serial Line IP"},
    {258, "slip6", "6-bit Serial Line IP"},
    {259, "cslip6", "VJ 6-bit Serial Line IP"},
    {264, "adaptive", "Adaptive Serial Line IP"},
    {270, "rose", "AMPR ROSE", separated<5, '\0', false>},
    {271, "x25", "generic X.25", text_address},
    {512, "ppp", "Point-to-Point Protocol"},
    {513, "hdlc", "(Cisco)-HDLC"},
    {516, "lapb", "LAPB"},
    {768, "tunnel", "IPIP Tunnel", [](const HardwareAddress&) { return std::string(); }},
    {770, "frad", "Frame Relay Access Device"},
    {772, "loop", "Local Loopback"},
    {774, "fddi", "Fiber Distributed Data Interface", separated<6, '-', true>},
    {776, "sit", "IPv6-in-IPv4"},
    {780, "hippi", "HIPPI", separated<6, ':', true>},
    {781, "ash", "Ash", ash_address},
    {782, "ec", "Econet"},
    {783, "irda", "IrLAP",
     [](const HardwareAddress& a) { return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}", a[3], a[2], a[1], a[0]); }},
};
constexpr HardwareType kUnspecified = {0xffff, "unspec", "UNSPEC", unknown_address};
/// Header compression counts of serial lines.
constexpr std::uint16_t kCompressing[] = {257, 259};

struct Word {
  unsigned number;
  std::string_view word;
};
constexpr Word kInterfaceFlags[] = {
    {kInterfaceUp, "UP"},
    {kInterfaceBroadcast, "BROADCAST"},
    {kInterfaceDebug, "DEBUG"},
    {kInterfaceLoopback, "LOOPBACK"},
    {kInterfacePointToPoint, "POINTOPOINT"},
    {kInterfaceNoTrailers, "NOTRAILERS"},
    {kInterfaceRunning, "RUNNING"},
    {kInterfaceNoArp, "NOARP"},
    {kInterfacePromiscuous, "PROMISC"},
    {kInterfaceAllMulticast, "ALLMULTI"},
    {kInterfaceSlave, "SLAVE"},
    {kInterfaceMaster, "MASTER"},
    {kInterfaceMulticast, "MULTICAST"},
    {kInterfaceDynamic, "DYNAMIC"},
};
constexpr Word kScopes[] = {{0x80, "compat"}, {0x20, "link"}, {0x40, "site"}, {0x10, "host"}};
constexpr std::string_view kMedia[] = {"unknown", "10base2", "10baseT", "AUI", "100baseT", "100baseTX", "100baseFX"};

/// "<UP,RUNNING>"; only "<" without flags; flags without a name are left out.
std::string flag_list(std::uint16_t flags) {
  if (flags == 0) return "<";
  std::string text;
  for (const Word& row : kInterfaceFlags)
    if ((flags & row.number) != 0) text.append(text.empty() ? "<" : ",").append(row.word);
  return text.empty() ? text : text + ">";
}

/// "<link>"; an address without a narrower scope is global, even a v4-compatible one.
std::string scope_list(std::uint8_t scope) {
  std::string text;
  const auto add = [&](std::string_view word) { text.append(text.empty() ? "<" : ",").append(word); };
  for (const Word& row : kScopes) {
    if ((scope & row.number) != 0) add(row.word);
    if (row.number == 0x80 && (scope & 0x7f) == 0) add("global");
  }
  return text.empty() ? text : text + ">";
}

/// Bytes in a fitting unit, truncated after one digit: "3.1 KiB".
std::string size_text(std::uint64_t bytes) {
  constexpr std::string_view kUnits[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  std::size_t unit = 0;
  std::uint64_t scale = 1;
  for (; unit + 1 < std::size(kUnits) && bytes > scale * 1024; ++unit) scale *= 1024;
  // Ten times the largest values would overflow, so tenths of the unit are counted there, truncated to integers.
  const std::uint64_t tenths = unit + 1 == std::size(kUnits) ? bytes / (scale / 10) : bytes * 10 / scale;
  return fmt::format("{}.{} {}", tenths / 10, tenths % 10, kUnits[unit]);
}

void print_addresses(Output& out, const Interface& i) {
  char text[kAddressTextMax];
  const auto quad = [&](const std::optional<Address>& given) {
    const Address a = given.value_or(Address{});
    return std::string_view(text, static_cast<std::size_t>(format_ipv4(text, a.data()) - text));
  };
  if (i.inet) {
    Row row;
    row.text("        inet ").text(quad(i.inet->address)).text("  netmask ").text(quad(i.inet->mask));
    if ((i.flags & kInterfaceBroadcast) != 0) row.text("  broadcast ").text(quad(i.inet->broadcast));
    if ((i.flags & kInterfacePointToPoint) != 0) row.text("  destination ").text(quad(i.inet->destination));
    row.end(out);
  }
  for (const InterfaceInet6& a : i.inet6) {
    const char* end = is_v4_mapped(a.address) ? format_ipv4(text, unmapped(a.address).data())
                                              : format_ipv6(text, a.address.data());
    const std::string_view address(text, static_cast<std::size_t>(end - text));
    out.append(fmt::format("        inet6 {}  prefixlen {}  scopeid {:#x}{}\n", address, a.prefix_length, a.scope,
                           scope_list(a.scope)));
  }
}

void print_hardware(Output& out, const Interface& i) {
  const auto* known = std::ranges::find(kHardwareTypes, i.hardware_type.value_or(0), &HardwareType::number);
  const HardwareType& type = known == std::end(kHardwareTypes) ? kUnspecified : *known;
  Row row;
  row.text("        ").text(type.name);
  if (type.address != nullptr) row.text(" ").foreign(type.address(i.hardware_address), 0);
  if (i.queue_length) row.text("  txqueuelen ").left(static_cast<std::int32_t>(*i.queue_length), 0);
  row.text("  (").text(type.title).text(")").end(out);
  if ((i.flags & kInterfacePortSelect) == 0) return;
  row.text("        media ").text(i.map.port < std::size(kMedia) ? kMedia[i.map.port] : "(null)");
  row.text((i.flags & kInterfaceAutoMedia) != 0 ? "autoselect" : "").end(out);
}

void print_counters(Output& out, const Interface& i) {
  const InterfaceCounters& c = *i.counters;
  const bool compressing = std::ranges::find(kCompressing, i.hardware_type.value_or(0)) != std::end(kCompressing);
  out.append(fmt::format("        RX packets {}  bytes {} ({})\n", c.rx_packets, c.rx_bytes, size_text(c.rx_bytes)));
  if (compressing) out.append(fmt::format("        RX compressed:{}\n", c.rx_compressed));
  out.append(fmt::format("        RX errors {}  dropped {}  overruns {}  frame {}\n", c.rx_errors, c.rx_dropped,
                         c.rx_fifo, c.rx_frame));
  out.append(fmt::format("        TX packets {}  bytes {} ({})\n", c.tx_packets, c.tx_bytes, size_text(c.tx_bytes)));
  if (compressing) out.append(fmt::format("        TX compressed {}\n", c.tx_compressed));
  out.append(fmt::format("        TX errors {}  dropped {} overruns {}  carrier {}  collisions {}\n", c.tx_errors,
                         c.tx_dropped, c.tx_fifo, c.tx_carrier, c.collisions));
}

void print_map(Output& out, const InterfaceMap& map) {
  constexpr std::uint16_t kFirstBase = 0x100;  // lower addresses belong to the mainboard
  if (map.irq == 0 && map.memory_start == 0 && map.dma == 0 && map.base_address < kFirstBase) return;
  std::string text = "        device ";
  if (map.irq != 0) text += fmt::format("interrupt {}  ", map.irq);
  if (map.base_address >= kFirstBase) text += fmt::format("base {:#x}  ", map.base_address);
  if (map.memory_start != 0) text += fmt::format("memory {:#x}-{:x}  ", map.memory_start, map.memory_end);
  if (map.dma != 0) text += fmt::format("  dma {:#x}", map.dma);
  out.append(text.append("\n"));
}

}  // namespace

void print_details(Output& out, const Interface& i) {
  Row row;
  row.foreign(i.name, 0).text(fmt::format(": flags={}{}  mtu {}", static_cast<std::int16_t>(i.flags),
                                          flag_list(i.flags), static_cast<std::int32_t>(i.mtu.value_or(0))));
  row.end(out);
  print_addresses(out, i);
  print_hardware(out, i);
  if (i.counters) print_counters(out, i);
  print_map(out, i.map);
  out.append('\n');
}

}  // namespace duostat::netstat
