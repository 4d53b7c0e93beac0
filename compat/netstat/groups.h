// netstat -g: the multicast groups that this host has joined.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// Prints the table once. Via::automatic reads /proc: rtnetlink does not tell how many joined a group. Returns the IPv4
/// table's coverage, for the caller to report as it reports socket tables; a missing IPv6 table is no news.
Coverage print_groups(Environment& env, const Request& request, const Listing& listing, Via via);

}  // namespace duostat::netstat
