// Reads routes through rtnetlink and converts them to the rows that /proc shows.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "src/diag/transport.h"
#include "src/model/route.h"
#include "src/query/query.h"

namespace duostat::rtnl {

/// The rows of /proc/net/route: the main table without broadcast and multicast routes; for a multipath route the first
/// hop.
Coverage read_routes(const OpenTransport& open, std::vector<Route>& routes);

/// The rows of /proc/net/ipv6_route: all tables, one row per hop of a multipath route, and the null entry that ends a
/// table without a default route. Reference counts are unknown. RTF_ADDRCONF is derived: the kernel does not say which
/// of its prefix routes came from an advertisement; a route that expires did.
Coverage read_ipv6_routes(const OpenTransport& open, std::vector<Route>& routes);

}  // namespace duostat::rtnl
