// netstat -s --delta: the counters that changed between two looks, and by how much.
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

/// Nanoseconds that the value of --delta says: seconds, perhaps with a fraction; one second if there is none. Throws
/// UsageError.
std::int64_t delta_interval(std::string_view value);

/// The counters of `after` whose value is not that of `before`, with the difference as value (two's complement);
/// sections without any are left out, and counters that have no number in either: a counter that was not there has no
/// difference.
/// Those by type of ICMP message are listed from their first message on, so they count from zero.
/// Less than before by more than half of 32 bits: a counter of a 32-bit kernel has begun anew.
std::vector<CounterSection> differences(const std::vector<CounterSection>& before,
                                        const std::vector<CounterSection>& after);
/// The names of the sections of which not every counter has a number in both.
std::vector<std::string> unpaired(const std::vector<CounterSection>& before, const std::vector<CounterSection>& after);

/// Looks, waits for the interval or SIGINT, looks again and prints what changed; with -c goes on from there until
/// SIGINT. Returns the exit status.
int print_delta(Environment& env, const Request& request, const ViewPlan& plan, Via via);

}  // namespace duostat::netstat
