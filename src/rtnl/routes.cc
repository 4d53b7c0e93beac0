// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/rtnl/routes.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/rtnl/abi.h"
#include "src/rtnl/dump.h"
#include "src/rtnl/links.h"

namespace duostat::rtnl {
namespace {

struct Hop {
  std::uint32_t index = 0;
  Address gateway{};                ///< of the route's own family
  std::optional<RouteGateway> via;  ///< of the other family
  bool has_gateway = false;
  std::uint32_t weight = 1;
  std::uint8_t flags = 0;           ///< RTNH_F_*
};

/// One RTM_NEWROUTE in the kernel's terms.
struct Wire {
  abi::RouteMessage head{};
  std::uint32_t table = 0, priority = 0;
  Address destination{};
  Hop hop;                   ///< the first hop
  std::vector<Hop> further;  ///< the others of a multipath route
  bool next_hop_object = false, expires = false, multipath = false;
  std::uint32_t mss = 0, window = 0, rtt = 0;
};

Address address_of(Bytes value) noexcept {
  Address address{};
  std::memcpy(address.data(), value.data(), std::min(value.size(), address.size()));
  return address;
}

void read_hop_attribute(const Attribute& a, Hop& hop) noexcept {
  if (a.type == abi::kRouteOutput) hop.index = number_of(a);
  if (abi::Via via{}; a.type == abi::kRouteVia) {
    hop.has_gateway = true;  // /proc has the flag, but no address
    if (read_at(a.value, 0, via))
      hop.via = RouteGateway{via.family == abi::kInet6 ? Family::inet6 : Family::inet,
                             address_of(a.value.subspan(sizeof via))};
  }
  if (a.type != abi::kRouteGateway) return;
  hop.gateway = address_of(a.value);
  hop.has_gateway = true;
}

void read_metrics(Bytes value, Wire& wire) noexcept {
  AttributeWalk walk(value);
  for (Attribute a; walk.next(a);) {
    if (a.type == abi::kMetricAdvertisedMss) wire.mss = number_of(a);
    if (a.type == abi::kMetricWindow) wire.window = number_of(a);
    if (a.type == abi::kMetricRtt) wire.rtt = number_of(a);
  }
}

void read_multipath(Bytes value, Wire& wire) {
  bool first = true;
  for (abi::NextHop head; read_at(value, 0, head) && head.length >= sizeof head && head.length <= value.size();) {
    Hop hop{.index = head.index, .weight = head.hops + 1u, .flags = head.flags};
    AttributeWalk walk(value.first(head.length), sizeof head);
    for (Attribute a; walk.next(a);) read_hop_attribute(a, hop);
    if (std::exchange(first, false)) wire.hop = hop;
    else wire.further.push_back(hop);
    value = value.subspan(std::min(uapi::aligned(head.length), value.size()));
  }
}

bool read_route(const Message& message, Wire& wire) {
  if (message.type != abi::kNewRoute || !read_at(message.payload, 0, wire.head)) return false;
  if (!abi::is_prefix(wire.head.family, wire.head.destination_length)) return false;
  wire.table = wire.head.table;
  wire.hop.flags = static_cast<std::uint8_t>(wire.head.flags);
  AttributeWalk walk(message.payload, sizeof wire.head);
  for (Attribute a; walk.next(a);) {
    read_hop_attribute(a, wire.hop);
    if (a.type == abi::kRouteDestination) wire.destination = address_of(a.value);
    if (a.type == abi::kRoutePriority) wire.priority = number_of(a);
    if (a.type == abi::kRouteTable) wire.table = number_of(a);
    if (a.type == abi::kRouteMetrics) read_metrics(a.value, wire);
    if (a.type == abi::kRouteMultipath) read_multipath(a.value, wire), wire.multipath = true;
    if (a.type == abi::kRouteNextHopId) wire.next_hop_object = true;
    abi::RouteCacheInfo info;
    if (a.type == abi::kRouteCacheInfo && read_at(a.value, 0, info)) wire.expires = info.expires != 0;
  }
  return true;
}

std::string name_of(std::uint32_t index, const LinkNames& names) {
  const auto name = names.find(index);
  return name == names.end() ? std::string() : name->second;
}

RouteHop route_hop(const Hop& hop, Family family, const LinkNames& names) {
  RouteHop result{hop.via, name_of(hop.index, names), hop.weight, hop.flags};
  if (!result.gateway && hop.has_gateway) result.gateway = RouteGateway{family, hop.gateway};
  return result;
}

Route common(const Wire& wire, const Hop& hop, const LinkNames& names) {
  Route route;
  route.destination = wire.destination;
  if (hop.has_gateway) route.gateway = hop.gateway;
  route.metric = wire.priority;
  route.interface = name_of(hop.index, names);
  route.origin = RouteOrigin{wire.table, wire.head.type, wire.head.protocol, hop.via, {}};
  return route;
}

/// net/ipv4/fib_trie.c: fib_route_seq_show, fib_flag_trans.
Route inet_route(const Wire& wire, const LinkNames& names) {
  Route route = common(wire, wire.hop, names);
  const unsigned length = wire.head.destination_length;
  for (unsigned bit = 0; bit < std::min(length, 32u); ++bit)
    route.mask[bit / 8] = static_cast<std::uint8_t>(route.mask[bit / 8] | 0x80 >> bit % 8);
  const auto type = wire.head.type;
  route.flags = kRouteUp;
  if (type == abi::kTypeUnreachable || type == abi::kTypeProhibit) route.flags |= kRouteReject;
  if (wire.hop.has_gateway) route.flags |= kRouteGateway;
  if (length == 32) route.flags |= kRouteHost;
  if (route.interface.empty()) route.interface = "*";
  constexpr std::uint32_t kHeaders = 40;       // the file shows the MSS as a packet size
  constexpr std::uint32_t kRttUnit = 8;        // the kernel stores the metric in eighths of a millisecond
  route.mtu = wire.mss != 0 ? wire.mss + kHeaders : 0;
  route.window = wire.window;
  route.irtt = wire.rtt / kRttUnit;
  if (!wire.multipath) return route;
  route.origin->hops.push_back(route_hop(wire.hop, Family::inet, names));
  for (const Hop& hop : wire.further) route.origin->hops.push_back(route_hop(hop, Family::inet, names));
  return route;
}

constexpr std::uint32_t kLoopbackIndex = 1;  // LOOPBACK_IFINDEX, in every network namespace

bool is_loopback(const Address& address) noexcept {
  constexpr Address kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return address == kLoopback;
}

/// Reconstructs the flags of struct fib6_info as far as the message allows (net/ipv6/route.c, rt6_fill_node reversed).
/// quirk: netlink-references - RTF_ADDRCONF and RTF_DEFAULT are derived from the protocol, which a daemon may set too
std::uint32_t inet6_flags(const Wire& wire, const Hop& hop) noexcept {
  const auto type = wire.head.type;
  const bool kernel = wire.head.protocol == abi::kProtocolKernel;
  const bool rejects = type >= abi::kTypeBlackhole && type <= abi::kTypeThrow;
  // If it is the next-hop object that discards, /proc shows an ordinary route.
  if (rejects && !wire.next_hop_object) return kRouteReject | kRouteNoNextHop;
  // fib6_is_reject(): a packet that leaves through lo and is not for this host would loop forever.
  const bool own = type == abi::kTypeLocal || type == abi::kTypeAnycast || is_loopback(wire.destination);
  if (hop.index == kLoopbackIndex && !own && !wire.next_hop_object) return kRouteReject | kRouteNoNextHop;
  std::uint32_t flags = kRouteUp;
  if (hop.has_gateway) flags |= kRouteGateway;
  // rtm_to_fib6_config() keeps RTNH_F_ONLINK among the flags of the route, where its bit is RTF_HOST.
  if ((hop.flags & abi::kHopOnLink) != 0 && !wire.next_hop_object) flags |= kRouteHost;
  if (type == abi::kTypeLocal) flags |= kRouteLocal;
  if (type == abi::kTypeAnycast) flags |= kRouteAnycast;
  if (kernel && (type == abi::kTypeLocal || type == abi::kTypeAnycast)) flags |= kRouteNoNextHop;
  if (wire.expires) flags |= kRouteExpires;
  if (kernel && wire.expires) flags |= kRouteAddrconf | kRoutePrefixRoute;
  if (wire.head.protocol == abi::kProtocolAdvertisement) {
    flags |= kRouteAddrconf;
    if (wire.head.destination_length == 0) flags |= kRouteDefault;
  }
  return flags;
}

Route inet6_route(const Wire& wire, const Hop& hop, const LinkNames& names) {
  Route route = common(wire, hop, names);
  route.family = Family::inet6;
  route.prefix_length = wire.head.destination_length;
  route.flags = inet6_flags(wire, hop);
  return route;
}

/// The root entry of every table that has no default route; netlink omits it, /proc does not.
Route null_entry() {
  Route route;
  route.family = Family::inet6;
  route.flags = kRouteReject | kRouteNoNextHop;
  route.metric = UINT32_MAX;
  route.interface = "lo";
  return route;
}

/// Inserts the null entries where /proc has them: a table's root is visited last.
class TableEnds {
 public:
  explicit TableEnds(std::vector<Route>& routes) : routes_(routes) {}
  void row(std::uint32_t table, bool is_default) {
    if (table != table_) {
      end();
      // An empty main table.
      if (table == abi::kTableLocal && table_ != abi::kTableMain) routes_.push_back(null_entry());
      table_ = table;
    }
    has_default_ |= is_default;
  }
  void restart() { table_ = 0, has_default_ = false; }
  /// The local table comes last and always exists.
  void finish() {
    end();
    if (table_ == 0) routes_.push_back(null_entry());
    if (table_ != abi::kTableLocal) routes_.push_back(null_entry());
  }

 private:
  void end() {
    if (table_ != 0 && !std::exchange(has_default_, false)) routes_.push_back(null_entry());
  }

  std::vector<Route>& routes_;
  std::uint32_t table_ = 0;
  bool has_default_ = false;
};

}  // namespace

Coverage read_routes(const OpenTransport& open, std::vector<Route>& routes) {
  LinkNames names;
  const Coverage named = read_link_names(open, names);
  if (named.error != 0) return named;
  const auto visit = [&](const Message& message) {
    Wire wire;
    if (!read_route(message, wire)) return false;
    const auto type = wire.head.type;
    const bool shown = wire.table == abi::kTableMain && (wire.head.flags & abi::kRouteCloned) == 0 &&
                       type != abi::kTypeBroadcast && type != abi::kTypeMulticast;
    if (shown) routes.push_back(inet_route(wire, names));
    return true;
  };
  Coverage coverage = dump(open, abi::kGetRoute, abi::kInet, "RTM_GETROUTE", visit, [&] { routes.clear(); });
  coverage.interrupted |= named.interrupted;
  return coverage;
}

Coverage read_ipv6_routes(const OpenTransport& open, std::vector<Route>& routes) {
  LinkNames names;
  const Coverage named = read_link_names(open, names);
  if (named.error != 0) return named;
  TableEnds ends(routes);
  bool answered = false, other_family = false;
  const auto visit = [&](const Message& message) {
    Wire wire;
    if (!read_route(message, wire)) return false;
    if (wire.head.family != abi::kInet6) return other_family = true;
    answered = true;
    if ((wire.head.flags & abi::kRouteCloned) != 0) return true;
    ends.row(wire.table, wire.head.destination_length == 0);
    routes.push_back(inet6_route(wire, wire.hop, names));
    if (!wire.next_hop_object)
      for (const Hop& hop : wire.further) routes.push_back(inet6_route(wire, hop, names));
    return true;
  };
  Coverage coverage =
      dump(open, abi::kGetRoute, abi::kInet6, "RTM_GETROUTE", visit, [&] { routes.clear(), ends.restart(); });
  coverage.interrupted |= named.interrupted;
  if (coverage.error == 0 && other_family && !answered) {
    // rtnl_get_link() passes a family without routes on to all the others: this kernel has no IPv6.
    coverage.error = EAFNOSUPPORT;
    coverage.operation = Operation::rtnl_dump;
  }
  if (coverage.error == 0) ends.finish();
  return coverage;
}

}  // namespace duostat::rtnl
