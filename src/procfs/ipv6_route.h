// The IPv6 routing tables from /proc/net/ipv6_route.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/route.h"
#include "src/query/query.h"

namespace duostat {

inline constexpr std::string_view kIpv6RouteFile = "net/ipv6_route";

/// Reads the rows of all tables, including cache entries, in the kernel's order.
Coverage read_ipv6_routes(const ProcDir& proc, std::vector<Route>& routes);

}  // namespace duostat
