// netstat -r for families that current kernels do not route any more: AX.25, NET/ROM, ROSE, IPX, AppleTalk, X.25.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "compat/netstat/options.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// Prints the family's table if its /proc file is there, else says that it is not. The exit status; nothing for a
/// family that has no routing.
std::optional<int> print_rare_routes(Environment& env, AddressFamily family);

}  // namespace duostat::netstat
