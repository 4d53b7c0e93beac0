// netstat -i: the network interfaces, a line each or, with -e, as ifconfig shows them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/model/interface.h"
#include "src/rtnl/interface_query.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// What was found out, in the order of the table, of all interfaces, also those that are down.
struct Interfaces {
  std::vector<Interface> list;
  int status = 0;                  ///< exit status
  std::vector<Coverage> problems;  ///< what could not be read; said on standard error, too
};

/// Asks `query` for what /proc/net/dev does not hold; Via::netlink asks rtnetlink for all, and so does Via::automatic
/// if the file cannot be read. `inet6`: IPv6 addresses as well.
Interfaces read_interface_list(Environment& env, Via via, rtnl::InterfaceQuery& query, bool inet6);
/// The same with the kernel's ioctls.
Interfaces read_interface_list(Environment& env, Via via, bool inet6);

/// Prints the table once. `query` is asked for what /proc/net/dev does not hold; Via::netlink asks rtnetlink for all.
/// `first_pass` prints the title. Returns the exit status; 0 lets -c go on.
int print_interfaces(Environment& env, const Request& request, const ViewPlan& plan, Via via,
                     rtnl::InterfaceQuery& query, bool first_pass);
/// The same with the kernel's ioctls.
int print_interfaces(Environment& env, const Request& request, const ViewPlan& plan, Via via, bool first_pass);

/// The order of the table: an alias's suffix aside, by the text before the last digits, by their number, by the whole
/// text, by the alias's number.
bool interface_before(std::string_view a, std::string_view b);

}  // namespace duostat::netstat
