// -g: multicast group memberships.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/environment.h"
#include "src/query/query.h"

namespace duostat::netstat {

/// Prints the table. Returns what became of reading IPv4's file; a missing IPv6 file is no news.
Coverage list_groups(Environment& env, const Request& request, const Listing& listing);

}  // namespace duostat::netstat
