// -r: routing tables.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// Prints the tables of the families named, IPv4 if none is. Returns the exit status.
int list_routes(Environment& env, const Request& request);

}  // namespace duostat::netstat
