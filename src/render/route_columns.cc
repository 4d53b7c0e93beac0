// The columns of a route.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <iterator>

#include "src/render/record.h"
#include "src/render/record_parts.h"

namespace duostat {
namespace {

/// RTF_*, with the names of include/uapi/linux/route.h and ipv6_route.h.
constexpr FlagWord kRouteFlags[] = {
    {0x1, "up"},           {0x2, "gateway"},       {0x4, "host"},           {0x8, "reinstate"},       {0x10, "dynamic"},
    {0x20, "modified"},    {0x40, "mtu"},          {0x80, "window"},        {0x100, "irtt"},          {0x200, "reject"},
    {0x10000, "default"},  {0x20000, "allonlink"}, {0x40000, "addrconf"},   {0x80000, "prefix_rt"},
    {0x100000, "anycast"}, {0x200000, "nonexthop"}, {0x400000, "expires"},  {0x800000, "routeinfo"},
    {0x1000000, "cache"},  {0x2000000, "flow"},
    {0x4000000, "policy"}, {0x40000000, "pcpu"},   {0x80000000, "local"},
};

/// RTNH_F_*.
constexpr FlagWord kHopFlags[] = {{1, "dead"},     {2, "pervasive"}, {4, "onlink"}, {8, "offload"},
                                  {16, "linkdown"}, {32, "unresolved"}, {64, "trap"}};

/// RTN_*, by number.
constexpr std::string_view kRouteTypes[] = {"unspec",    "unicast",     "local",    "broadcast", "anycast", "multicast",
                                            "blackhole", "unreachable", "prohibit", "throw",     "nat",     "xresolve"};

struct NumberWord {
  std::uint32_t number;
  std::string_view word;
};
/// RTPROT_*. Other numbers have no fixed meaning.
constexpr NumberWord kRouteProtocols[] = {
    {0, "unspec"}, {1, "redirect"}, {2, "kernel"},     {3, "boot"},   {4, "static"}, {8, "gated"}, {9, "ra"},
    {10, "mrt"},   {11, "zebra"},   {12, "bird"},      {13, "dnrouted"}, {14, "xorp"}, {15, "ntk"}, {16, "dhcp"},
    {17, "mrouted"}, {18, "keepalived"}, {42, "babel"}, {99, "openr"}, {186, "bgp"},  {187, "isis"}, {188, "ospf"},
    {189, "rip"},  {192, "eigrp"},
};

Value gateway_of(const Route& r, std::string& text) {
  if (r.origin && r.origin->via) return address_value(text, r.origin->via->family, r.origin->via->address);
  return given_address_value(text, r.family, r.gateway);
}

Value type_of(const Route& r, std::string& text) {
  if (!r.origin) return {};
  if (r.origin->type < std::size(kRouteTypes)) return Value::text_of(kRouteTypes[r.origin->type]);
  return Value::text_of(text = std::to_string(r.origin->type));
}

Value protocol_of(const Route& r, std::string& text) {
  if (!r.origin) return {};
  for (const NumberWord& row : kRouteProtocols)
    if (row.number == r.origin->protocol) return Value::text_of(row.word);
  return Value::text_of(text = std::to_string(r.origin->protocol));
}

/// "10.0.0.1 eth0 1, 10.0.0.2 eth1 2"
Value hops_of(const Route& r, std::string& text) {
  if (!r.origin || r.origin->hops.empty()) return {};
  text.clear();
  std::string address;
  for (const RouteHop& hop : r.origin->hops) {
    if (!text.empty()) text += ", ";
    if (hop.gateway) text.append(address_value(address, hop.gateway->family, hop.gateway->address).text()).append(" ");
    if (!hop.interface.empty()) text.append(hop.interface).append(" ");
    text.append(std::to_string(hop.weight));
  }
  return Value::text_of(text);
}

void put_hops(const Route& r, std::string_view key, Json& json) {
  if (!r.origin || r.origin->hops.empty()) return;
  json.key(key);
  json.begin_array();
  std::string address;
  for (const RouteHop& hop : r.origin->hops) {
    json.begin_object();
    if (hop.gateway) put_value(json, "gateway", address_value(address, hop.gateway->family, hop.gateway->address));
    if (!hop.interface.empty()) json.text("interface", hop.interface);
    json.member("weight", hop.weight);
    put_flags(json, "flags", hop.flags, kHopFlags);
    json.end_object();
  }
  json.end_array();
}

Value interface_of(const Route& r, std::string&) {
  return r.interface.empty() || r.interface == "*" ? Value{} : Value::text_of(r.interface);
}

constexpr bool kNetlinkOnly = true;

// clang-format off
constexpr RecordColumn<Route> kRouteColumns[] = {
    {"cached", "true for an entry of the IPv4 route cache (before Linux 3.6)", Unit::none,
     [](const Route& r, std::string&) { return r.cache ? Value::boolean_of(true) : Value{}; }},
    {"family", "inet or inet6", Unit::text,
     [](const Route& r, std::string&) { return family_value(r.family); }, nullptr, kInetFamilyWords},
    {"destination", "address of the network or host", Unit::text,
     [](const Route& r, std::string& t) { return address_value(t, r.family, r.destination); }, nullptr, {}, kIp},
    {"mask", "inet: mask of the destination", Unit::text,
     [](const Route& r, std::string& t) {
       return r.family == Family::inet ? address_value(t, r.family, r.mask) : Value{};
     }},
    {"prefix_length", "inet6: prefix length of the destination", Unit::none,
     [](const Route& r, std::string&) { return r.family == Family::inet ? Value{} : Value::of(r.prefix_length); }},
    {"gateway", "next hop, of either family; for a multipath route the first", Unit::text, gateway_of, nullptr, {},
     kIp},
    {"flags", "RTF_*, by name", Unit::text,
     [](const Route& r, std::string& t) { return flags_value(t, r.flags, kRouteFlags); },
     [](const Route& r, std::string_view key, Json& json) { put_flags(json, key, r.flags, kRouteFlags); }},
    {"metric", "the route with the smallest metric is used", Unit::none,
     [](const Route& r, std::string&) { return Value::of(r.metric); }},
    {"references", "users of the entry (/proc only)", Unit::none,
     [](const Route& r, std::string&) { return number_value(r.references); }},
    {"use", "lookups (/proc only)", Unit::none, [](const Route& r, std::string&) { return number_value(r.use); }},
    {"mtu", "inet: the advertised MSS plus 40", Unit::bytes,
     [](const Route& r, std::string&) { return given_value(r.mtu); }},
    {"window", "inet: the largest window to offer", Unit::bytes,
     [](const Route& r, std::string&) { return given_value(r.window); }},
    {"irtt_ms", "inet: initial round trip time", Unit::milliseconds,
     [](const Route& r, std::string&) { return given_value(r.irtt); }},
    {"interface", "name; for a multipath route that of the first hop", Unit::text, interface_of},
    {"table", "RT_TABLE_*: 254 is main, 255 local, 253 default (rtnetlink only)", Unit::none,
     [](const Route& r, std::string&) { return r.origin ? Value::of(r.origin->table) : Value{}; }, nullptr, {}, false,
     kNetlinkOnly},
    {"type", "RTN_*, by name: unicast, blackhole, prohibit, … (rtnetlink only)", Unit::text, type_of, nullptr,
     kRouteTypes, false, kNetlinkOnly},
    {"protocol", "RTPROT_*, by name: origin of the route (rtnetlink only)", Unit::text, protocol_of, nullptr, {}, false,
     kNetlinkOnly},
    {"hops", "inet: all next hops of a multipath route (rtnetlink only)", Unit::text, hops_of, put_hops, {}, false,
     kNetlinkOnly},
    {"source", "cached: source address", Unit::text,
     [](const Route& r, std::string& t) { return r.cache ? address_value(t, Family::inet, r.cache->source) : Value{}; },
     nullptr, {},
     kIp},
    {"specific_destination", "cached: the address that the sender used", Unit::text,
     [](const Route& r, std::string& t) {
       return r.cache ? given_address_value(t, Family::inet, r.cache->specific_destination) : Value{};
     }, nullptr, {}, kIp},
    {"tos", "cached: type of service", Unit::none,
     [](const Route& r, std::string&) { return r.cache ? Value::of(r.cache->tos) : Value{}; }},
};
// clang-format on

}  // namespace

template <>
std::span<const RecordColumn<Route>> record_columns<Route>() {
  return kRouteColumns;
}

}  // namespace duostat
