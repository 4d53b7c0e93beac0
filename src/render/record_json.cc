// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/render/record_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>

#include "src/render/address.h"

namespace duostat {
namespace {

constexpr std::int64_t kMillisecond = 1'000'000;

struct FlagWord {
  std::uint32_t flag;
  std::string_view word;
};

/// RTF_*, in the words of include/uapi/linux/route.h and ipv6_route.h.
constexpr FlagWord kRouteFlags[] = {
    {0x1, "up"},           {0x2, "gateway"},       {0x4, "host"},           {0x8, "reinstate"},       {0x10, "dynamic"},
    {0x20, "modified"},    {0x40, "mtu"},          {0x80, "window"},        {0x100, "irtt"},          {0x200, "reject"},
    {0x10000, "default"},  {0x20000, "allonlink"}, {0x40000, "addrconf"},   {0x80000, "prefix_rt"},
    {0x100000, "anycast"}, {0x200000, "nonexthop"}, {0x400000, "expires"},  {0x800000, "routeinfo"},
    {0x1000000, "cache"},  {0x2000000, "flow"},
    {0x4000000, "policy"}, {0x40000000, "pcpu"},   {0x80000000, "local"},
};

/// IFF_*, in the words of include/uapi/linux/if.h.
constexpr FlagWord kInterfaceFlags[] = {
    {kInterfaceUp, "up"},           {kInterfaceBroadcast, "broadcast"},   {kInterfaceDebug, "debug"},
    {kInterfaceLoopback, "loopback"}, {kInterfacePointToPoint, "pointopoint"}, {kInterfaceNoTrailers, "notrailers"},
    {kInterfaceRunning, "running"}, {kInterfaceNoArp, "noarp"},           {kInterfacePromiscuous, "promisc"},
    {kInterfaceAllMulticast, "allmulti"}, {kInterfaceMaster, "master"},   {kInterfaceSlave, "slave"},
    {kInterfaceMulticast, "multicast"}, {kInterfacePortSelect, "portsel"}, {kInterfaceAutoMedia, "automedia"},
    {kInterfaceDynamic, "dynamic"},
};

/// An array of words; bits without one as hexadecimal text.
void put_flags(Json& json, std::uint32_t flags, std::span<const FlagWord> words) {
  json.key("flags");
  json.begin_array();
  for (const FlagWord& row : words) {
    if ((flags & row.flag) == 0) continue;
    json.value(row.word);
    flags &= ~row.flag;
  }
  for (std::uint32_t bit = 1; bit != 0; bit <<= 1)
    if ((flags & bit) != 0) json.value(std::string_view(fmt::format("{:#x}", bit)));
  json.end_array();
}

void put_family(Json& json, Family family) { json.member("family", family == Family::inet ? "inet" : "inet6"); }

void put_address(Json& json, std::string_view key, Family family, const Address& address) {
  char text[kAddressTextMax];
  json.member(key, std::string_view(text, static_cast<std::size_t>(format_address(text, family, address) - text)));
}

void put_given_address(Json& json, std::string_view key, Family family, const Address& address) {
  if (!is_unspecified(address)) put_address(json, key, family, address);
}

template <class Number>
void put_given(Json& json, std::string_view key, Number value) {
  if (value != 0) json.member(key, value);
}

void put_route_members(Json& json, const Route& r) {
  put_family(json, r.family);
  put_address(json, "destination", r.family, r.destination);
  if (r.family == Family::inet) put_address(json, "mask", r.family, r.mask);
  else json.member("prefix_length", r.prefix_length);
  put_given_address(json, "gateway", r.family, r.gateway);
  put_flags(json, r.flags, kRouteFlags);
  json.member("metric", r.metric);
  if (r.references_known) json.member("references", r.references);
  json.member("use", r.use);
  put_given(json, "mtu", r.mtu);
  put_given(json, "window", r.window);
  put_given(json, "irtt_ms", r.irtt);
  if (r.interface != "*") json.text("interface", r.interface);
}

/// How long addresses of the common hardware types (ARPHRD_*) are: the ioctl tells 14 bytes whatever the type.
struct HardwareLength {
  std::uint16_t type;
  std::uint8_t length;
};
constexpr HardwareLength kHardwareLengths[] = {{1, 6},   {6, 6},    {772, 6},  {768, 4},   {776, 4},   {778, 4},
                                               {32, 20}, {769, 16}, {823, 16}, {65534, 0}, {65535, 0}, {280, 0}};

/// Bytes of an interface's address; 0 if it has none or its length is not known.
std::size_t address_length(const Interface& i) {
  constexpr std::size_t kOfIoctl = 14;
  for (const HardwareLength& row : kHardwareLengths)
    if (row.type == i.hardware_type) return row.length <= i.hardware_length ? row.length : 0;
  return i.hardware_length == kOfIoctl ? 0 : std::min<std::size_t>(i.hardware_length, i.hardware_address.size());
}

void put_hardware(Json& json, const Interface& i) {
  json.member("type", i.hardware_type);
  const std::size_t length = address_length(i);
  if (length == 0) return;
  std::string text;
  for (std::size_t at = 0; at < length; ++at)
    text += fmt::format("{}{:02x}", at == 0 ? "" : ":", i.hardware_address[at]);
  json.member("address", std::string_view(text));
}

void put_map(Json& json, const InterfaceMap& map) {
  const bool any = (map.memory_start | map.memory_end | map.base_address | map.irq | map.dma | map.port) != 0;
  if (!any) return;
  json.key("map");
  json.begin_object();
  put_given(json, "memory_start", map.memory_start);
  put_given(json, "memory_end", map.memory_end);
  put_given(json, "base_address", map.base_address);
  put_given(json, "irq", map.irq);
  put_given(json, "dma", map.dma);
  put_given(json, "port", map.port);
  json.end_object();
}

void put_inet(Json& json, const Interface& i) {
  json.key("inet");
  json.begin_object();
  put_address(json, "address", Family::inet, i.inet->address);
  if ((i.flags & kInterfacePointToPoint) != 0) put_address(json, "destination", Family::inet, i.inet->destination);
  if ((i.flags & kInterfaceBroadcast) != 0) put_given_address(json, "broadcast", Family::inet, i.inet->broadcast);
  put_address(json, "mask", Family::inet, i.inet->mask);
  json.end_object();
}

void put_inet6(Json& json, const std::vector<InterfaceInet6>& addresses) {
  struct Scope {
    std::uint8_t bit;
    std::string_view word;
  };
  constexpr Scope kScopes[] = {{0x10, "host"}, {0x20, "link"}, {0x40, "site"}, {0x80, "compat"}};
  json.key("inet6");
  json.begin_array();
  for (const InterfaceInet6& a : addresses) {
    std::string_view scope = "global";
    for (const Scope& s : kScopes)
      if ((a.scope & s.bit) != 0) scope = s.word;
    json.begin_object();
    put_address(json, "address", Family::inet6, a.address);
    json.member("prefix_length", a.prefix_length);
    json.member("scope", scope);
    json.end_object();
  }
  json.end_array();
}

struct CounterKey {
  std::string_view key;
  std::uint64_t InterfaceCounters::*member;
};
constexpr CounterKey kInterfaceCounters[] = {
    {"rx_bytes", &InterfaceCounters::rx_bytes},       {"rx_packets", &InterfaceCounters::rx_packets},
    {"rx_errors", &InterfaceCounters::rx_errors},     {"rx_dropped", &InterfaceCounters::rx_dropped},
    {"rx_fifo", &InterfaceCounters::rx_fifo},         {"rx_frame", &InterfaceCounters::rx_frame},
    {"rx_compressed", &InterfaceCounters::rx_compressed}, {"rx_multicast", &InterfaceCounters::rx_multicast},
    {"tx_bytes", &InterfaceCounters::tx_bytes},       {"tx_packets", &InterfaceCounters::tx_packets},
    {"tx_errors", &InterfaceCounters::tx_errors},     {"tx_dropped", &InterfaceCounters::tx_dropped},
    {"tx_fifo", &InterfaceCounters::tx_fifo},         {"collisions", &InterfaceCounters::collisions},
    {"tx_carrier", &InterfaceCounters::tx_carrier},   {"tx_compressed", &InterfaceCounters::tx_compressed},
};

/// The only counter that the kernel prints with a sign: RFC 4022's tcpMaxConn, -1 if there is no fixed limit.
constexpr std::string_view kSignedCounter = "MaxConn";

/// Names of counters are the kernel's and ASCII; whatever else a file holds is made so.
void put_name(Json& json, const std::string& name) {
  std::string ascii = name;
  for (char& c : ascii)
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  json.key(ascii);
}

void put_counters(Json& json, const CounterSection& section, bool differences) {
  put_name(json, section.name);
  json.begin_object();
  for (const Counter& c : section.counters) {
    put_name(json, c.name);
    if (differences || c.name == kSignedCounter) json.value(static_cast<std::int64_t>(c.value));
    else json.value(c.value);
  }
  json.end_object();
}

}  // namespace

void put_record(Json& json, const Route& route) {
  json.begin_object();
  put_route_members(json, route);
  json.end_object();
}

void put_record(Json& json, const CachedRoute& cached) {
  json.begin_object();
  json.member("cached", true);
  put_route_members(json, cached.route);
  put_address(json, "source", Family::inet, cached.source);
  put_given_address(json, "specific_destination", Family::inet, cached.specific_destination);
  json.member("tos", cached.tos);
  json.end_object();
}

void put_record(Json& json, const Interface& i) {
  json.begin_object();
  json.text("name", i.name);
  put_flags(json, i.flags, kInterfaceFlags);
  put_hardware(json, i);
  json.member("mtu", i.mtu);
  if (i.queue_length) json.member("tx_queue_len", *i.queue_length);
  put_map(json, i.map);
  if (i.inet) put_inet(json, i);
  if (!i.inet6.empty()) put_inet6(json, i.inet6);
  if (i.counters) {
    json.key("counters");
    json.begin_object();
    for (const CounterKey& row : kInterfaceCounters) json.member(row.key, *i.counters.*row.member);
    json.end_object();
  }
  json.end_object();
}

void put_record(Json& json, const MulticastGroup& group) {
  json.begin_object();
  put_family(json, group.family);
  json.text("interface", group.interface);
  put_address(json, "group", group.family, group.group);
  if (group.users_known) json.member("users", group.users);
  json.end_object();
}

void put_record(Json& json, const MasqueradedConnection& c) {
  constexpr std::uint64_t kHundredth = 10;
  json.begin_object();
  json.text("protocol", c.protocol);
  put_address(json, "source", Family::inet, c.source);
  put_given(json, "source_port", c.source_port);
  put_address(json, "destination", Family::inet, c.destination);
  put_given(json, "destination_port", c.destination_port);
  put_given(json, "masqueraded_port", c.masqueraded_port);
  json.member("expires_ms", c.expires * kHundredth);
  if (c.sequence_known) {
    json.member("initial_sequence", c.initial_sequence);
    json.member("delta", c.delta);
  }
  if (c.previous_delta_known) json.member("previous_delta", c.previous_delta);
  json.end_object();
}

void put_record(Json& json, const CounterSection& section) {
  json.begin_object();
  put_counters(json, section, false);
  json.end_object();
}

void put_differences(Json& json, const CounterSection& section, std::int64_t elapsed_ns) {
  json.begin_object();
  json.member("elapsed_ms", elapsed_ns / kMillisecond);
  put_counters(json, section, true);
  json.end_object();
}

namespace {

struct SummaryRow {
  std::string_view protocol;
  int SocketSummary::*in_use;
  int SocketSummary::*in_use6;
};
constexpr SummaryRow kSummaryRows[] = {
    {"tcp", &SocketSummary::tcp_in_use, &SocketSummary::tcp6_in_use},
    {"udp", &SocketSummary::udp_in_use, &SocketSummary::udp6_in_use},
    {"udplite", &SocketSummary::udplite_in_use, &SocketSummary::udplite6_in_use},
    {"raw", &SocketSummary::raw_in_use, &SocketSummary::raw6_in_use},
    {"frag", &SocketSummary::frag_in_use, &SocketSummary::frag6_in_use},
};
static_assert(std::size(kSummaryRows) + 1 == detail::kSummaryRecords);

void put_tcp_summary(Json& json, const SocketSummary& s, const SummarySources& sources) {
  if (sources.sockstat) {
    json.member("orphan", s.tcp_orphan);
    json.member("tw", s.tcp_time_wait);
    json.member("alloc", s.tcp_alloc);
    json.member("mem", s.tcp_mem);
  }
  if (sources.snmp) json.member("established", s.tcp_established);
}

}  // namespace

bool detail::put_summary_record(Json& json, int number, const SocketSummary& s, const SummarySources& sources) {
  const SummaryRow* row = number == 0 ? nullptr : &kSummaryRows[number - 1];
  const bool tcp = row != nullptr && row->protocol == "tcp";
  if (!sources.sockstat && !(row != nullptr && sources.sockstat6) && !(tcp && sources.snmp)) return false;
  json.begin_object();
  json.member("protocol", row == nullptr ? std::string_view("all") : row->protocol);
  if (row == nullptr) {
    json.member("used", s.used);
  } else {
    if (sources.sockstat) json.member("inuse", s.*row->in_use);
    if (sources.sockstat6) json.member("inuse6", s.*row->in_use6);
  }
  if (tcp) put_tcp_summary(json, s, sources);
  json.end_object();
  return true;
}

}  // namespace duostat
