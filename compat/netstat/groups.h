// netstat -g: the multicast groups that this host has joined.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "compat/netstat/either_source.h"
#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/model/multicast_group.h"
#include "src/view/view_plan.h"

namespace duostat::netstat {

/// Appends the groups of one family. Via::automatic reads /proc, the only source of the number of members, and falls
/// back to rtnetlink. `rejected` gets the numbers of malformed lines, counted from 0.
Reading read_groups(const Environment& env, Via via, Family family, std::vector<MulticastGroup>& groups,
                    std::vector<unsigned long>& rejected);

struct GroupsAnswer {
  Coverage inet;        ///< of the IPv4 table; the caller reports it like a socket table
  bool failed = false;  ///< a table could not be read, which was reported; a kernel without IPv6 does not count
};
/// Prints the table once.
GroupsAnswer print_groups(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan,
                          Via via);

}  // namespace duostat::netstat
