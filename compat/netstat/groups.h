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

/// Appends the groups of one family. Via::automatic reads /proc, which alone tells how many joined a group; if it
/// cannot be read, rtnetlink stands in. `rejected` takes the numbers, counted from 0, of lines that are no row of the
/// file.
Reading read_groups(const Environment& env, Via via, Family family, std::vector<MulticastGroup>& groups,
                    std::vector<unsigned long>& rejected);

struct GroupsAnswer {
  Coverage inet;        ///< of the IPv4 table, for the caller to report as it reports socket tables
  bool failed = false;  ///< a table could not be read, and that was said; a kernel without IPv6 is no news
};
/// Prints the table once.
GroupsAnswer print_groups(Environment& env, const Request& request, const Listing& listing, const ViewPlan& plan,
                          Via via);

}  // namespace duostat::netstat
