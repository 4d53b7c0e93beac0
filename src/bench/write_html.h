// A result as a page: one file, nothing fetched from anywhere, charts as inline SVG beside the tables that they show.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/bench/result.h"

namespace duostat::bench {

/// Well-formed both as HTML and as XML. A run that was interrupted or is partial says so at the top.
void write_html(Output& out, const Result& result);

}  // namespace duostat::bench
