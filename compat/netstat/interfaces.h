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

/// All interfaces, including those that are down, in the order of the table.
struct Interfaces {
  std::vector<Interface> list;
  int status = 0;                  ///< exit status
  std::vector<Coverage> problems;  ///< what could not be read; also reported on standard error
};

/// Queries `query` for what /proc/net/dev lacks. Via::netlink queries rtnetlink for everything, and so does
/// Via::automatic if the file cannot be read. `inet6`: includes IPv6 addresses.
Interfaces read_interface_list(Environment& env, Via via, rtnl::InterfaceQuery& query, bool inet6);
/// The same with the kernel's ioctls.
Interfaces read_interface_list(Environment& env, Via via, bool inet6);

/// Prints the table once. `query` provides what /proc/net/dev lacks; Via::netlink queries rtnetlink for everything.
/// `first_pass` prints the title. Returns the exit status; after 0, -c continues.
int print_interfaces(Environment& env, const Request& request, const ViewPlan& plan, Via via,
                     rtnl::InterfaceQuery& query, bool first_pass);
/// The same with the kernel's ioctls.
int print_interfaces(Environment& env, const Request& request, const ViewPlan& plan, Via via, bool first_pass);

/// The order of the table: without the suffix of an alias, by the text before the last digits, by their number, by the
/// whole text; then by the number of the alias.
bool interface_before(std::string_view a, std::string_view b);

}  // namespace duostat::netstat
