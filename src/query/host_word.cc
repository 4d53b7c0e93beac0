// Parses the host words of a filter, family by family.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/host_word.h"

#include <arpa/inet.h>

#include <cstring>
#include <optional>

#include "src/names/ethertypes.h"
#include "src/query/number.h"

namespace duostat {
namespace {

struct Parts {
  HostWord result;
  const ParserContext& context;
  std::string_view text;  ///< the word after its prefix
  bool port_only;

  /// `part` must be a piece of `text`.
  bool fail(FilterErrorKind kind, std::string_view part) {
    result.error = kind;
    result.value = part;
    result.offset = static_cast<std::size_t>(part.data() - text.data());
    return false;
  }
  AddressPrefix& address() { return result.predicate.addresses.front(); }
  std::int64_t& port() { return result.predicate.port; }
};

bool is_any(std::string_view text) { return text.empty() || text == "*"; }
std::string_view without_colon(std::string_view text) { return text.starts_with(':') ? text.substr(1) : text; }

void set_node(AddressPrefix& prefix, Family family, std::uint32_t node) {
  prefix = {family, 32, {}};
  std::memcpy(prefix.address.data(), &node, sizeof node);
}

// The halves of "A:B", split at the first colon. Without a colon the word is A.
struct Halves {
  std::string_view first, second;
  bool colon;
};
Halves halve(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return {text, text.substr(text.size()), false};
  return {text.substr(0, colon), text.substr(colon + 1), true};
}

// ---- unix ----

bool parse_unix(Parts& word) {
  word.address() = {Family::unix_domain, 0, {}};
  word.result.predicate.pattern = word.text;
  return true;
}

// ---- link: [PROTOCOL][:INTERFACE] ----

bool parse_link(Parts& word) {
  const Halves halves = halve(word.text);
  const std::string_view protocol = word.port_only ? std::string_view() : halves.first;
  const std::string_view interface = word.port_only ? without_colon(word.text) : halves.second;
  word.address() = {Family::packet, 0, {}};
  if (!is_any(interface)) {
    const std::string name(interface);
    if (const auto number = signed_number(name)) {
      word.port() = *number;
    } else if (const std::uint32_t index = word.context.names.interface_index(name); index != 0) {
      word.port() = index;
    } else {
      return word.fail(FilterErrorKind::host, interface);
    }
  }
  if (!is_any(protocol)) {
    std::optional<std::uint32_t> number = ethertype_of(protocol);
    if (!number) number = unsigned_number(std::string(protocol), 0xffff);
    if (!number) return word.fail(FilterErrorKind::host, protocol);
    set_node(word.address(), Family::packet, *number);
  }
  return true;
}

// ---- netlink: [PROTOCOL][:PORTID] ----

bool parse_netlink(Parts& word) {
  const Halves halves = halve(word.text);
  const std::string_view protocol = word.port_only ? std::string_view() : halves.first;
  const std::string_view port_id = word.port_only ? without_colon(word.text) : halves.second;
  word.address() = {Family::netlink, 0, {}};
  if (port_id == "kernel") {
    word.port() = 0;
  } else if (!is_any(port_id)) {
    const auto number = signed_number(std::string(port_id));
    if (!number) return word.fail(FilterErrorKind::host, port_id);
    word.port() = *number;
  }
  if (!is_any(protocol)) {
    std::optional<std::uint32_t> number = word.context.names.netlink_protocol(protocol);
    if (!number) number = unsigned_number(std::string(protocol), 0xff);
    if (!number) return word.fail(FilterErrorKind::host, protocol);
    set_node(word.address(), Family::netlink, *number);
  }
  return true;
}

// ---- vsock: [CID][:PORT] ----

bool parse_vsock(Parts& word) {
  const Halves halves = halve(word.text);
  std::string_view cid = halves.first, port = halves.second;
  bool port_given = halves.colon;
  if (word.port_only) {
    cid = {};
    port = without_colon(word.text);
    port_given = true;
  }
  word.address() = {Family::vsock, 0, {}};
  // quirk: vsock-port 7.1 stores the number into half of a wider variable, so that no port is ever equal to it
  if (port_given && port != "*") {
    const auto number = unsigned_number(std::string(port));
    if (!number) return word.fail(FilterErrorKind::host, port);
    word.port() = *number;
  }
  if (!is_any(cid)) {
    const auto number = unsigned_number(std::string(cid));
    if (!number) return word.fail(FilterErrorKind::host, cid);
    set_node(word.address(), Family::vsock, *number);
  }
  return true;
}

// ---- inet ----

// Up to four numbers separated by dots; missing ones are zero.
bool parse_ipv4(std::string_view text, Address& address) {
  address = {};
  for (std::size_t i = 0; i < 4; ++i) {
    const std::size_t dot = text.find('.');
    const auto octet = unsigned_number(std::string(text.substr(0, dot)), 255);
    if (!octet) return false;
    address[i] = static_cast<std::uint8_t>(*octet);
    if (dot == text.npos) return true;
    text.remove_prefix(dot + 1);
  }
  return false;
}

// A number, or the mask itself in dotted form: a run of ones, then of zeros.
std::optional<std::uint8_t> parse_length(std::string_view text, unsigned limit) {
  const std::string word(text);
  if (const auto number = unsigned_number(word, limit)) return static_cast<std::uint8_t>(*number);
  Address octets;
  if (text.find('.') == text.npos || !parse_ipv4(text, octets)) return std::nullopt;
  const std::uint32_t mask = static_cast<std::uint32_t>(octets[0]) << 24 | static_cast<std::uint32_t>(octets[1]) << 16 |
                             static_cast<std::uint32_t>(octets[2]) << 8 | octets[3];
  const std::uint32_t zeros = ~mask;
  if ((zeros & (zeros + 1)) != 0) return std::nullopt;
  return static_cast<std::uint8_t>(__builtin_popcount(mask));
}

std::optional<AddressPrefix> parse_prefix(std::string_view text, Family family) {
  if (text == "default" || text == "all" || text == "any") return AddressPrefix{family, 0, {}};
  const std::size_t slash = text.find('/');
  const std::string address(text.substr(0, slash));
  const bool six = address.find(':') != address.npos;
  AddressPrefix prefix;
  if (six) {
    if (family != Family::unspecified && family != Family::inet6) return std::nullopt;
    if (inet_pton(AF_INET6, address.c_str(), prefix.address.data()) != 1) return std::nullopt;
  } else {
    if (family == Family::inet6 || !parse_ipv4(address, prefix.address)) return std::nullopt;
  }
  prefix.family = six ? Family::inet6 : Family::inet;
  prefix.bits = six ? 128 : 32;
  if (slash != text.npos) {
    // Families without addresses of their own, such as TIPC and XDP, have no prefix lengths.
    if (family != Family::unspecified && family != prefix.family) return std::nullopt;
    const auto length = parse_length(text.substr(slash + 1), prefix.bits);
    if (!length) return std::nullopt;
    prefix.bits = *length;
  }
  return prefix;
}

bool parse_address(Parts& word, std::string_view text) {
  const Family family = word.result.family;
  if (const auto prefix = parse_prefix(text, family)) {
    word.address() = *prefix;
    return true;
  }
  std::vector<AddressPrefix> found;
  std::vector<Address> addresses;
  for (const Family one : {Family::inet, Family::inet6}) {
    if (family != Family::unspecified && family != one) continue;
    addresses.clear();
    word.context.names.host_addresses(text, one, addresses);
    for (const Address& address : addresses)
      found.push_back({one, static_cast<std::uint8_t>(one == Family::inet ? 32 : 128), address});
  }
  // Asked for a family without names, as XDP, the C library still takes the short forms of IPv4 addresses: 8080, 10.1.
  if (const bool has_names = family == Family::unspecified || family == Family::inet || family == Family::inet6;
      !has_names && text.find_first_not_of("0123456789.") == text.npos)
    if (in_addr number; ::inet_aton(std::string(text).c_str(), &number) != 0) {
      AddressPrefix& one = found.emplace_back(AddressPrefix{family, 32, {}});
      std::memcpy(one.address.data(), &number, sizeof number);
    }
  if (found.empty()) return word.fail(FilterErrorKind::address, text);
  word.result.predicate.addresses = std::move(found);
  word.result.predicate.kernel_first_only = word.context.kernel_first_only;
  return true;
}

bool parse_port(Parts& word, std::string_view text) {
  const std::string name(text);
  if (const auto number = signed_number(name)) {
    word.port() = *number;
    return true;
  }
  // quirk: udp-only-service with tcp and udp tables 7.1 takes another port for a name that only udp has
  std::optional<std::uint16_t> udp, tcp;
  if (word.context.udp) udp = word.context.names.service_port(name, ServiceProtocol::udp);
  if (word.context.tcp) tcp = word.context.names.service_port(name, ServiceProtocol::tcp);
  const auto several = [&](bool chosen, ServiceProtocol protocol) {
    return chosen && word.context.names.is_ambiguous(name, protocol);
  };
  if ((udp && tcp && *udp != *tcp) || several(word.context.udp, ServiceProtocol::udp) ||
      several(word.context.tcp, ServiceProtocol::tcp))
    return word.fail(FilterErrorKind::ambiguous_port, text);  // quirk: ambiguous-service
  if (!udp && !tcp) return word.fail(FilterErrorKind::port, text);
  word.port() = tcp ? *tcp : *udp;
  return true;
}

// Finds the end of the address and the beginning of the port.
struct InetParts {
  std::string_view address, port;
  bool well_formed = true;
};

InetParts split_inet(std::string_view text, bool port_only) {
  const std::string_view none = text.substr(text.size());
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == text.npos) return {none, none, false};
    if (port_only) return {none, without_colon(text.substr(1, close - 1))};
    return {text.substr(1, close - 1), without_colon(text.substr(close + 1))};
  }
  if (port_only) return {none, without_colon(text)};
  if (text.starts_with('*')) return {none, without_colon(text.substr(1))};
  // A colon before the prefix length belongs to an IPv6 address.
  const std::size_t slash = text.find('/');
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos || (slash != text.npos && colon < slash)) return {text, none};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

bool parse_inet(Parts& word) {
  const InetParts parts = split_inet(word.text, word.port_only);
  if (!parts.well_formed) return word.fail(FilterErrorKind::host, word.text);
  // Text after a star is ignored.
  const auto any = [](std::string_view part) { return part.empty() || part.starts_with('*'); };
  if (!any(parts.port) && !parse_port(word, parts.port)) return false;
  return any(parts.address) || parse_address(word, parts.address);
}

struct FamilyRow {
  Family family;
  std::string_view prefix;
  bool (*parse)(Parts&);
};
constexpr FamilyRow kFamilies[] = {
    {Family::unix_domain, "unix:", parse_unix}, {Family::packet, "link:", parse_link},
    {Family::netlink, "netlink:", parse_netlink}, {Family::vsock, "vsock:", parse_vsock},
    {Family::inet, "inet:", parse_inet},        {Family::inet6, "inet6:", parse_inet},
};

}  // namespace

HostWord parse_host_word(std::string_view word, bool port_only, Family preferred, const ParserContext& context) {
  Parts parts{{}, context, word, port_only};
  parts.result.family = preferred;
  bool (*parse)(Parts&) = parse_inet;
  std::size_t skipped = 0;
  for (const FamilyRow& row : kFamilies) {
    if (word.starts_with(row.prefix)) {
      parts.result.family = row.family;
      parse = row.parse;
      skipped = row.prefix.size();
      break;
    }
    if (row.family == preferred) parse = row.parse;
  }
  parts.text.remove_prefix(skipped);
  if (!parse(parts)) parts.result.offset += skipped;
  return std::move(parts.result);
}

}  // namespace duostat
