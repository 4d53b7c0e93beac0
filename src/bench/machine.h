// The machine that a benchmark ran on, as far as it says.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/proc_dir.h"
#include "src/bench/result.h"

namespace duostat::bench {

/// Nothing is thrown: what cannot be found out stays empty.
Machine describe_machine(const ProcDir& proc);

/// This moment in UTC: "2026-01-31T12:00:00Z".
std::string utc_now();

}  // namespace duostat::bench
