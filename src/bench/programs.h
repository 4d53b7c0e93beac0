// --compare: whole programs that list sockets, side by side.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/variables.h"
#include "src/base/interrupt.h"
#include "src/bench/result.h"

namespace duostat::bench {

/// The programs of the comparison, found on the PATH (and where the administrator's commands are), with the words that ask
/// each for what the options ask of us, and the version each says it has. Nothing is timed yet. One that is not installed, or
/// cannot be asked the same, says so.
std::vector<Program> find_programs(const Variables& variables, const Options& options, Interrupt& interrupt);

/// Runs each program once to count its output, then in turn `rounds` times. Each may take its share of about `seconds`: one that has
/// used it up sits out the rounds that are left, but the first. False if a signal came first; what was measured until then is there.
bool time_programs(std::vector<Program>& programs, Interrupt& interrupt, std::uint32_t rounds, double seconds);

}  // namespace duostat::bench
