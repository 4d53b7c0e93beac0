// Writes a result as a page: one self-contained file, with charts as inline SVG next to the tables that they show.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/bench/result.h"

namespace duostat::bench {

/// Well-formed as both HTML and XML. States at the top if a run was interrupted or is partial.
void write_html(Output& out, const Result& result);

}  // namespace duostat::bench
