// netstat -i: the network interfaces, a line each or, with -e, as ifconfig shows them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/rtnl/interface_query.h"

namespace duostat::netstat {

/// Prints the table once. `query` is asked for what /proc/net/dev does not hold; Via::netlink asks rtnetlink for all.
/// `first_pass` prints the title. Returns the exit status; 0 lets -c go on.
int print_interfaces(Environment& env, const Request& request, Via via, rtnl::InterfaceQuery& query, bool first_pass);
/// The same with the kernel's ioctls.
int print_interfaces(Environment& env, const Request& request, Via via, bool first_pass);

/// The order of the table: an alias's suffix aside, by the text before the last digits, by their number, by the whole text,
/// by the alias's number.
bool interface_before(std::string_view a, std::string_view b);

}  // namespace duostat::netstat
