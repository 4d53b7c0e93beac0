// The machine that a benchmark ran on, as far as it says.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/bench/result.h"
#include "src/collect/environment.h"

namespace duostat::bench {

/// Nothing is thrown: what cannot be found out stays empty.
Machine describe_machine(const Environment& env);

}  // namespace duostat::bench
