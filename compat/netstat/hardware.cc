// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/hardware.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "src/render/escape.h"

namespace duostat::netstat {
namespace {

using AddressBytes = std::span<const std::uint8_t, 8>;

std::string joined(std::span<const std::uint8_t> bytes, char separator, bool upper) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text.push_back(separator);
    text += upper ? fmt::format("{:02X}", byte) : fmt::format("{:02x}", byte);
  }
  return text;
}

std::string ethernet(AddressBytes b) { return joined(b.first(6), ':', false); }
std::string colons6(AddressBytes b) { return joined(b.first(6), ':', true); }
std::string colons8(AddressBytes b) { return joined(b, ':', true); }
std::string dashes6(AddressBytes b) { return joined(b.first(6), '-', true); }
std::string one_byte(AddressBytes b) { return fmt::format("{:02X}", b[0]); }
std::string nothing(AddressBytes) { return {}; }

/// Sixteen bytes, of which eight are known.
std::string unspecified(AddressBytes b) {
  std::string text = joined(b, '-', true);
  for (int i = 0; i < 8; ++i) text += "-00";
  return text;
}

/// A data link connection identifier: a number in the host's byte order.
std::string dlci(AddressBytes b) {
  std::int16_t number;
  std::memcpy(&number, b.data(), sizeof number);
  return fmt::format("{}", number);
}

std::string rose(AddressBytes b) {
  std::string text;
  for (const std::uint8_t byte : b.first(5)) text += fmt::format("{:02x}", byte);
  return text;
}

/// An amateur radio call sign: six characters, shifted left by one bit, and a number.
std::string call_sign(AddressBytes b) {
  std::string text;
  for (const std::uint8_t byte : b.first(6)) {
    const char c = static_cast<char>(byte >> 1);
    if (c != ' ' && c != 0) text.push_back(c);
  }
  if (const int number = b[6] >> 1 & 15; number != 0) text += fmt::format("-{}", number);
  std::string scratch;
  return std::string(without_controls(text, scratch));
}

constexpr Hardware kHardware[] = {
    {0, "netrom", "AMPR NET/ROM", call_sign},
    {1, "ether", "Ethernet", ethernet},
    {3, "ax25", "AMPR AX.25", call_sign},
    {7, "arcnet", "ARCnet", one_byte},
    {15, "dlci", "Frame Relay DLCI", dlci},
    {27, "eui64", "Generic EUI-64", colons8},
    {256, "slip", "Serial Line IP", nullptr},
    {257, "cslip", "VJ Serial Line IP", nullptr},
    {258, "slip6", "6-bit Serial Line IP", nullptr},
    {259, "cslip6", "VJ 6-bit Serial Line IP", nullptr},
    {264, "adaptive", "Adaptive Serial Line IP", nullptr},
    {270, "rose", "AMPR ROSE", rose},
    {271, "x25", "generic X.25", nullptr},
    {512, "ppp", "Point-to-Point Protocol", nullptr},
    {513, "hdlc", "(Cisco)-HDLC", nullptr},
    {516, "lapb", "LAPB", nullptr},
    {768, "tunnel", "IPIP Tunnel", nothing},
    {770, "frad", "Frame Relay Access Device", nullptr},
    {772, "loop", "Local Loopback", nullptr},
    {774, "fddi", "Fiber Distributed Data Interface", dashes6},
    {776, "sit", "IPv6-in-IPv4", nullptr},
    {780, "hippi", "HIPPI", colons6},
    {781, "ash", "Ash", nullptr},
    {782, "ec", "Econet", nullptr},
    {783, "irda", "IrLAP", nullptr},
};
constexpr Hardware kUnspecified{0xffff, "unspec", "UNSPEC", unspecified};

}  // namespace

const Hardware& hardware_of(std::uint16_t type) {
  const auto* row = std::ranges::find(kHardware, type, &Hardware::type);
  return row == std::end(kHardware) ? kUnspecified : *row;
}

}  // namespace duostat::netstat
