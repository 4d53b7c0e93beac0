// Routing tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/model/route.h"
#include "src/query/query.h"

namespace duostat {

/// What the first line of net/route says.
struct RouteHeading {
  bool present = false;                ///< false: the file is empty
  std::string_view missing_column;     ///< the first of the needed columns that is absent or out of order
};

bool parse_route6(std::string_view line, Route6& route) noexcept;

/// net/route: the main table, one next hop a route. Rows with fewer than ten of the eleven columns are left out and counted.
/// Reads no row if the heading is unusable. A route that is not up is handed out like any other.
Coverage read_routes(const ProcDir& proc, RouteHeading& heading, FunctionRef<void(const Route&)> sink);
/// net/ipv6_route: all tables, local and multicast routes too.
Coverage read_routes6(const ProcDir& proc, FunctionRef<void(const Route6&)> sink);

}  // namespace duostat
