// Interfaces and their counters from /proc/net/dev.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/interface.h"
#include "src/query/query.h"

namespace duostat {

inline constexpr std::string_view kDevFile = "net/dev";

/// Reads names and counters; the file has no other members of an Interface.
Coverage read_interfaces(const ProcDir& proc, std::vector<Interface>& interfaces);

}  // namespace duostat
