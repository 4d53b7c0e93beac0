// The interfaces and their counters.
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

/// Reads names and counters; nothing else of an Interface is in this file.
Coverage read_interfaces(const ProcDir& proc, std::vector<Interface>& interfaces);

}  // namespace duostat
