// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/mode_json.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>

#include "compat/json_document.h"
#include "compat/netstat/interfaces.h"
#include "compat/netstat/rare_tables.h"
#include "compat/netstat/statistics.h"
#include "src/base/error.h"
#include "src/procfs/igmp.h"
#include "src/procfs/ipv6_route.h"
#include "src/procfs/masquerade.h"
#include "src/procfs/route.h"
#include "src/procfs/text_file.h"
#include "src/render/record_json.h"
#include "src/rtnl/links.h"
#include "src/rtnl/routes.h"

namespace duostat::netstat {
namespace {

constexpr int kFailure = 1, kUsage = 2;

/// A document in the making; what is missing is said on standard error as well.
class Listing {
 public:
  Listing(Environment& env, const Request& request, std::string_view kind, Via via)
      : env_(env), document_(env, request.view.json, kind, via) {}

  template <class Record>
  void add(const Record& record) {
    put_record(document_.begin(), record);
    document_.end_element();
  }
  template <class Record, class Wanted>
  void add_all(const std::vector<Record>& records, Wanted&& wanted) {
    for (const Record& record : records)
      if (wanted(record)) add(record);
  }
  /// For records of another shape.
  JsonDocument& document() { return document_; }

  /// Says what is missing of an answer.
  void note(const Coverage& c) {
    document_.note(c);
    if (c.error != 0) failed_ = true, env_.err.line(fmt::format("netstat: {}: {}", c.object, error_text(c.error)));
    if (c.malformed + c.truncated != 0)
      env_.err.line(fmt::format("netstat: {}: {} malformed, {} cut short", c.object, c.malformed, c.truncated));
  }
  int end(int status = 0) {
    document_.end();
    return status != 0 ? status : failed_ ? kFailure : 0;
  }

 private:
  Environment& env_;
  JsonDocument document_;
  bool failed_ = false;
};

constexpr auto kEvery = [](const auto&) { return true; };

// ---- routes ----

void add_inet_routes(Environment& env, Listing& listing, Via via) {
  std::vector<Route> routes;
  const Coverage coverage =
      via == Via::netlink ? rtnl::read_routes(env.open_transport, routes) : read_routes(env.proc, routes);
  listing.add_all(routes, [](const Route& route) { return (route.flags & kRouteUp) != 0; });
  listing.note(coverage);
}

void add_inet_cache(Environment& env, Listing& listing) {
  std::vector<CachedRoute> routes;
  Coverage coverage = read_route_cache(env.proc, routes);
  if (coverage.error == ENOENT) coverage = {};  // this kernel keeps none
  listing.add_all(routes, kEvery);
  listing.note(coverage);
}

void add_inet6_routes(Environment& env, Listing& listing, Via via, bool fib, bool cache) {
  std::vector<Route> routes;
  const Coverage coverage =
      via == Via::netlink ? rtnl::read_ipv6_routes(env.open_transport, routes) : read_ipv6_routes(env.proc, routes);
  listing.add_all(routes, [&](const Route& route) { return (route.flags & kRouteCache) != 0 ? cache : fib; });
  listing.note(coverage);
}

int routes(Environment& env, const Request& request, Via via) {
  const bool cache = request.cache, fib = request.fib || !request.cache;
  std::vector<AddressFamily> families = request.family_list;
  if (families.empty()) families.push_back(AddressFamily::inet);
  for (const AddressFamily family : families)
    if (family != AddressFamily::inet && family != AddressFamily::inet6 && !has_rare_routes(family))
      throw UsageError(fmt::format("No routing for address family `{}'.", canonical_name(family)), kUsage);
  Listing listing(env, request, "routes", via);
  for (const AddressFamily family : families) {
    if (family == AddressFamily::inet6) {
      add_inet6_routes(env, listing, via, fib, cache);
    } else if (family == AddressFamily::inet) {
      if (fib) add_inet_routes(env, listing, via);
      if (cache) add_inet_cache(env, listing);
    } else {
      listing.note(add_rare_routes(env.proc, family, listing.document()));
    }
  }
  return listing.end();
}

// ---- the others ----

int interfaces(Environment& env, const Request& request, Via via) {
  const Interfaces found = read_interface_list(env, via, true);
  Listing listing(env, request, "interfaces", via);
  listing.add_all(found.list, [&](const Interface& i) { return request.all || (i.flags & kInterfaceUp) != 0; });
  for (const Coverage& problem : found.problems) listing.document().note(problem);  // said already
  return listing.end(found.status);
}

int groups(Environment& env, const Request& request, Via via) {
  const auto& families = request.families;
  const bool both = !families.has(AddressFamily::inet) && !families.has(AddressFamily::inet6);
  Listing listing(env, request, "groups", via);
  for (const Family family : {Family::inet, Family::inet6}) {
    if (!both && !families.has(family == Family::inet ? AddressFamily::inet : AddressFamily::inet6)) continue;
    std::vector<MulticastGroup> found;
    std::vector<unsigned long> rejected;
    Coverage coverage = via == Via::netlink ? rtnl::read_multicast_groups(env.open_transport, family, found)
                                            : read_multicast_groups(env.proc, family, found, rejected);
    coverage.malformed = std::max<std::uint64_t>(coverage.malformed, rejected.size());
    // A kernel without IPv6 misses nothing.
    if (family == Family::inet6 && coverage.error == ENOENT) coverage.error = 0;
    listing.add_all(found, kEvery);
    listing.note(coverage);
  }
  return listing.end();
}

int statistics(Environment& env, const Request& request, Via via) {
  if (!has_statistics(request)) throw UsageError(no_statistics_text(request).substr(sizeof "netstat:"), kUsage);
  const Statistics found = read_statistics(env, request);
  Listing listing(env, request, "statistics", via);
  listing.add_all(found.sections, [&](const CounterSection& section) { return is_selected(request, section); });
  for (const Coverage& problem : found.problems) listing.document().note(problem);  // said already
  return listing.end();
}

int masquerade(Environment& env, const Request& request, Via via) {
  std::vector<MasqueradedConnection> connections;
  Coverage coverage = read_masquerade(env.proc, connections);
  // quirk: masquerade-conntrack
  if (coverage.error != 0 && coverage.operation == procfs::kOpen) coverage = read_conntrack(env.proc, connections);
  Listing listing(env, request, "masquerade", via);
  listing.add_all(connections, kEvery);
  listing.note(coverage);
  return listing.end();
}

int rare_sockets(Environment& env, const Request& request, Via via) {
  Listing listing(env, request, "rare_sockets", via);
  for (const AddressFamily family : request.family_list)
    listing.note(add_rare_sockets(env.proc, family, listing.document()));
  return listing.end();
}

/// Only families that have tables of their own, and nothing of the Internet's or UNIX's.
bool rare_only(const Request& request) {
  if (request.family_list.empty() || !request.protocols.empty() || request.groups) return false;
  return std::ranges::all_of(request.family_list, has_rare_sockets);
}

bool other_tables_than_groups(const Request& request) {
  const auto is_internet = [](AddressFamily f) { return f == AddressFamily::inet || f == AddressFamily::inet6; };
  return !request.protocols.empty() || request.l2cap || request.rfcomm ||
         !std::ranges::all_of(request.family_list, is_internet);
}

}  // namespace

bool wants_mode_json(const Request& request) {
  if (request.view.json == JsonStyle::none) return false;
  return request.modes != 0 || request.groups || rare_only(request);
}

int print_mode_json(Environment& env, const Request& request, Via via) {
  if (request.masquerade) return masquerade(env, request, via);
  if (request.statistics) return statistics(env, request, via);
  if (request.route) return routes(env, request, via);
  if (request.interfaces) return interfaces(env, request, via);
  if (!request.groups) return rare_sockets(env, request, via);
  if (other_tables_than_groups(request))
    throw UsageError("--json: -g is a document of its own; ask for the sockets without it", kUsage);
  return groups(env, request, via);
}

}  // namespace duostat::netstat
