// Writes a result for programs: JSON (doc/json.md, "bench") and CSV.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/bench/result.h"

namespace duostat::bench {

/// The whole result, with every sample, as one document.
void write_json(Output& out, const Result& result);

/// A line for every sample of every backend, phase and program, after a heading (RFC 4180). A column of every line
/// marks an interrupted or partial run.
void write_csv(Output& out, const Result& result);

}  // namespace duostat::bench
