// netstat -M: connections whose source address the kernel rewrites.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/environment.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// Prints the table once: from /proc/net/ip_masquerade or, where kernels have that no more, from the connection tracker
/// if it rewrites anything. Returns the exit status; 0 lets -c go on.
int print_masquerade(Environment& env, const Request& request, const ViewPlan& plan);

}  // namespace duostat::netstat
