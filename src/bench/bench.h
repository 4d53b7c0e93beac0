// A benchmark from its options to its result.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>

#include "src/base/interrupt.h"
#include "src/bench/result.h"
#include "src/bench/work.h"
#include "src/collect/environment.h"

namespace duostat::bench {

/// Told what is being done, now and then, for a person who waits.
using Progress = std::function<void(std::string_view what)>;

/// Throws UsageError if the options cannot be fulfilled here: asked before anything is measured or made.
void check(const Environment& env, const Options& options);

/// Measures. Makes connections, if asked, in a network namespace that this process moves into for good, and ends every process
/// it made before it returns or throws. A signal ends it early: the result says so and has what was measured until then.
Result run(Environment& env, Interrupt& interrupt, const Options& options, const Render& render, const Progress& progress);

}  // namespace duostat::bench
