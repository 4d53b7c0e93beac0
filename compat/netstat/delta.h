// netstat -s --delta: the counters that changed between two readings, and by how much.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/model/counters.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// The value of --delta in nanoseconds. It is given in seconds, possibly with a fraction; one second if absent. Throws
/// UsageError.
std::int64_t delta_interval(std::string_view value);

/// The counters of `after` that differ from `before`, with the difference as value (two's complement). Sections without
/// such counters are left out, and so are counters that lack a number in either reading, because they have no
/// difference. Exception: the kernel lists counters by ICMP message type from their first message on, so these count
/// from 0. A value that fell by more than half of 32 bits is a counter of a 32-bit kernel that wrapped.
std::vector<CounterSection> differences(const std::vector<CounterSection>& before,
                                        const std::vector<CounterSection>& after);
/// The names of sections in which some counter lacks a number in either reading.
std::vector<std::string> unpaired(const std::vector<CounterSection>& before, const std::vector<CounterSection>& after);

/// Reads, waits for the interval or SIGINT, reads again and prints what changed; with -c it repeats this until SIGINT.
/// Returns the exit status.
int print_delta(Environment& env, const Request& request, const ViewPlan& plan, Via via);

}  // namespace duostat::netstat
