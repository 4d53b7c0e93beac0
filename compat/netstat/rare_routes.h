// netstat -r for families that current kernels no longer route: AX.25, NET/ROM, ROSE, IPX, AppleTalk, X.25.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "compat/netstat/options.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// Prints the family's table, or a message if its /proc file does not exist. Returns the exit status; nullopt for a
/// family without routing.
std::optional<int> print_rare_routes(Environment& env, AddressFamily family);

}  // namespace duostat::netstat
