// The source of netstat's routes: /proc, rtnetlink, or rows of one completed with fields of the other.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "compat/netstat/either_source.h"
#include "src/model/route.h"

namespace duostat {
class ViewPlan;
}

namespace duostat::netstat {

struct RouteReading {
  Reading reading;
  /// Why rtnetlink could not provide Route::origin, so that the rows lack it.
  std::optional<Coverage> no_origin;
};

/// Appends the routes of IPv4 or IPv6 (not the IPv4 cache). With `origin`, rows from /proc get Route::origin from
/// rtnetlink, unless the user chose procfs or another directory.
RouteReading read_family_routes(const Environment& env, Via via, Family family, bool origin,
                                std::vector<Route>& routes);

/// True if our own options name a column that only rtnetlink provides, or want all columns (--json).
bool wants_origin(const ViewPlan& plan);
/// The first such column, or empty.
std::string_view named_origin(const ViewPlan& plan);

}  // namespace duostat::netstat
