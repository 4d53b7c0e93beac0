// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/route_source.h"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <string>
#include <unordered_map>

#include "src/procfs/ipv6_route.h"
#include "src/procfs/route.h"
#include "src/render/record.h"
#include "src/rtnl/routes.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {
namespace {

Coverage from_netlink(const Environment& env, Family family, std::vector<Route>& routes) {
  return family == Family::inet ? rtnl::read_routes(env.open_transport, routes)
                                : rtnl::read_ipv6_routes(env.open_transport, routes);
}

Coverage from_file(const Environment& env, Family family, std::vector<Route>& routes) {
  return family == Family::inet ? read_routes(env.proc, routes) : read_ipv6_routes(env.proc, routes);
}

/// The values that both sources provide and that identify a route.
std::string identity(const Route& r) {
  std::string key;
  const auto add = [&](const void* data, std::size_t size) { key.append(static_cast<const char*>(data), size); };
  add(r.destination.data(), r.destination.size());
  add(r.mask.data(), r.mask.size());
  add(r.gateway.data(), r.gateway.size());
  add(&r.prefix_length, sizeof r.prefix_length);
  add(&r.metric, sizeof r.metric);
  return key += r.interface;
}

/// Equal rows are matched in the kernel's order, which both sources have.
void add_origins(std::vector<Route>& routes, std::vector<Route>& told) {
  std::unordered_map<std::string, std::vector<std::size_t>> places;
  for (std::size_t i = told.size(); i-- > 0;)
    if (told[i].origin) places[identity(told[i])].push_back(i);
  for (Route& route : routes) {
    const auto found = places.find(identity(route));
    if (found == places.end() || found->second.empty()) continue;
    route.origin = std::move(told[found->second.back()].origin);
    found->second.pop_back();
  }
}

bool netlink_only(const Column& column) {
  for (const RecordColumn<Route>& c : record_columns<Route>())
    if (c.id == column.id) return c.netlink_only;
  return false;
}

}  // namespace

RouteReading read_family_routes(const Environment& env, Via via, Family family, bool origin,
                                std::vector<Route>& routes) {
  std::vector<Route> found;
  RouteReading result;
  result.reading = read_either(
      env, via, found, [&](auto& rows) { return from_file(env, family, rows); },
      [&](auto& rows) {
        Coverage coverage = from_netlink(env, family, rows);
        // IPv6 is unused or absent. A kernel without it answers for the other families, which may have no routes
        // either.
        if (via == Via::automatic && family == Family::inet6 && coverage.error == 0 && coverage.rows == 0) {
          coverage.error = EAFNOSUPPORT;
          coverage.operation = Operation::rtnl_dump;
        }
        return coverage;
      });
  const bool by_file = !result.reading.by_netlink && result.reading.coverage.error == 0;
  if (origin && by_file && via == Via::automatic && !env.proc.given()) {
    std::vector<Route> told;
    Coverage coverage = from_netlink(env, family, told);
    add_origins(found, told);
    if (coverage.error != 0) result.no_origin = std::move(coverage);
  }
  routes.insert(routes.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return result;
}

std::string_view named_origin(const ViewPlan& plan) {
  std::string_view name;
  const auto look = [&](const Column* column) {
    if (name.empty() && column != nullptr && netlink_only(*column)) name = column->id;
  };
  for (const Column* column : plan.columns) look(column);
  for (const GroupKey& key : plan.by) look(key.column);
  for (const SumColumn& sum : plan.sum) look(sum.column);
  for (const SortKey& key : plan.sort) look(key.column);
  if (plan.where) plan.where->each_column(look);
  return name;
}

bool wants_origin(const ViewPlan& plan) {
  const bool whole = plan.json != JsonStyle::none && !plan.chosen && !plan.count && plan.by.empty();
  return whole || plan.adjusts || !named_origin(plan).empty();
}

}  // namespace duostat::netstat
