// Where netstat's routes come from: /proc, rtnetlink, or rows of the one with what only the other tells.
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
  /// What rtnetlink said when it was asked for Route::origin, if that failed: the rows lack it.
  std::optional<Coverage> no_origin;
};

/// Appends the routes of one Internet family (not the IPv4 cache). With `origin`, and unless /proc was asked for by
/// name or another directory stands for it, rows from /proc get Route::origin from rtnetlink.
RouteReading read_family_routes(const Environment& env, Via via, Family family, bool origin,
                                std::vector<Route>& routes);

/// True if the options of ours name a column that only rtnetlink tells, or want all (--json).
bool wants_origin(const ViewPlan& plan);
/// The first such column that was named, or empty.
std::string_view named_origin(const ViewPlan& plan);

}  // namespace duostat::netstat
