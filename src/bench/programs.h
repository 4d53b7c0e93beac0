// bench --compare: times whole programs that list sockets, side by side.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/interrupt.h"
#include "src/base/variables.h"
#include "src/bench/result.h"

namespace duostat::bench {

/// Finds the programs of the comparison on the PATH (and in the administrator's directories), with the words that
/// request from each what the options request from us, and the version each reports. Times nothing. A program that is
/// not installed, or cannot be asked for the same, is marked.
std::vector<Program> find_programs(const Variables& variables, const Options& options, Interrupt& interrupt);

/// Runs each program once to measure its output, then all in turn `rounds` times. Each may take its share of about
/// `seconds`: one that has used it up skips the remaining rounds, except the first. False if a signal came first; the
/// measurements so far are kept.
bool time_programs(std::vector<Program>& programs, Interrupt& interrupt, std::uint32_t rounds, double seconds);

}  // namespace duostat::bench
