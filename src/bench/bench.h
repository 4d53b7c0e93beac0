// Runs a benchmark from its options to its result.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "src/base/interrupt.h"
#include "src/bench/result.h"
#include "src/bench/work.h"
#include "src/collect/environment.h"

namespace duostat::bench {

/// Receives a description of the current step, for a person who waits.
using Progress = std::function<void(std::string_view what)>;

/// Throws UsageError if this system cannot fulfil the options. Call it before anything is measured or created.
void check(const Environment& env, const Options& options);

/// Measures. Opens connections, if requested, in a private network namespace that this process enters for good, and
/// ends every process that it started before it returns or throws. A signal ends the run early: the result is marked as
/// interrupted and has the measurements so far.
Result run(Environment& env, Interrupt& interrupt, const Options& options, const Render& render,
           const Progress& progress);

}  // namespace duostat::bench
