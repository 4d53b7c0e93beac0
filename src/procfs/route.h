// The IPv4 routing table and the cache that old kernels kept before it.
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

/// These two fail with Operation::missing_column if the first line does not name a column that is needed.
/// Reads the main table's rows, also those that are not up, in the kernel's order.
Coverage read_routes(const ProcDir& proc, std::vector<Route>& routes);
/// Reads the cache, rows with Route::cache; since Linux 3.6 the file has none.
Coverage read_route_cache(const ProcDir& proc, std::vector<Route>& routes);

}  // namespace duostat
