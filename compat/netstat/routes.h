// netstat -r: the kernel's routing tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// Prints the tables of the named families, or of IPv4, once. Returns the exit status; after 0, -c continues.
/// Via::automatic reads /proc, the only source of the kernel's order and of IPv6's reference counts, and falls back to
/// rtnetlink.
int print_routes(Environment& env, const Request& request, const ViewPlan& plan, Via via);

}  // namespace duostat::netstat
