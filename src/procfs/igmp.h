// Multicast groups of this host from /proc/net/igmp and igmp6.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/multicast_group.h"
#include "src/query/query.h"

namespace duostat {

inline constexpr std::string_view kIgmpFile = "net/igmp", kIgmp6File = "net/igmp6";

/// Reads the groups of one family in the kernel's order. `rejected` receives the numbers, counted from 0, of lines that
/// are not rows.
Coverage read_multicast_groups(const ProcDir& proc, Family family, std::vector<MulticastGroup>& groups,
                               std::vector<unsigned long>& rejected);

}  // namespace duostat
