// netstat -r: the kernel's routing tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// Prints the tables of the families that were named, or of IPv4, once. Returns the exit status; 0 lets -c go on.
/// Via::automatic reads /proc: only there are the kernel's order and IPv6's reference counts. If it cannot be read,
/// rtnetlink stands in.
int print_routes(Environment& env, const Request& request, const ViewPlan& plan, Via via);

}  // namespace duostat::netstat
