// Describes the machine that a benchmark ran on.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/bench/result.h"
#include "src/collect/environment.h"

namespace duostat::bench {

/// Never throws: members that cannot be determined stay empty.
Machine describe_machine(const Environment& env);

}  // namespace duostat::bench
