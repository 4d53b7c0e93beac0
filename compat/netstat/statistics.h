// netstat -s: the protocol counters in words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// Prints the counters of the family that was named, or of IPv4, once. Returns the exit status: 0 even if the kernel has no
/// such file. Only /proc has all these counters.
int print_statistics(Environment& env, const Request& request);

}  // namespace duostat::netstat
