// -i: network interfaces.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/environment.h"
#include "src/collect/interfaces.h"

namespace duostat::netstat {

/// Prints the interfaces. `first` is the first pass of -c, which alone has a title. Returns the exit status.
int list_interfaces(Environment& env, const Request& request, DeviceRequests& requests, bool first);

}  // namespace duostat::netstat
