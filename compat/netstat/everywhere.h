// netstat's own text of its modes (-r, -i, -g, -s) for every network namespace: --all-netns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/function_ref.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// Calls `print` in each namespace. Every line that it prints begins with the namespace. `files_suffice`: see
/// EachNamespace. Returns the largest status, or 1 if that is 0 and a namespace could not be looked at.
int print_in_each_namespace(Environment& env, Via via, bool files_suffice,
                            FunctionRef<int(Environment& inside, Via via)> print);

}  // namespace duostat::netstat
