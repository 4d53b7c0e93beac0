// netstat's own text of its modes (-r, -i, -g, -s) for several places: --all-netns, several --from.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/function_ref.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// Calls `print` in each place. Every line that it prints begins with the place. `files_suffice`: see EachPlace.
/// Returns the largest status, or 1 if that is 0 and a place could not be looked at.
int print_in_each_place(Environment& env, bool all_netns, Via via, bool files_suffice,
                        FunctionRef<int(Environment& inside, Via via)> print);

}  // namespace duostat::netstat
