// The IPv4 routing table from /proc/net/route, and the route cache of old kernels.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/route.h"
#include "src/query/query.h"

namespace duostat {

inline constexpr std::string_view kRouteFile = "net/route", kRouteCacheFile = "net/rt_cache";

/// Both fail with Operation::missing_column if the first line lacks a required column; Coverage::object is the column,
/// or empty if there is no first line.
/// Reads the rows of the main table, including those that are not up, in the kernel's order.
Coverage read_routes(const ProcDir& proc, std::vector<Route>& routes);
/// Reads the cache, as rows with Route::cache; since Linux 3.6 the file has no rows.
Coverage read_route_cache(const ProcDir& proc, std::vector<Route>& routes);

}  // namespace duostat
