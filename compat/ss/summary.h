// -s: counts of sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/model/summary.h"
#include "src/view/json_document.h"

namespace duostat::ss {

/// Writes the counts to `out`, past the column layout.
void print_summary(const SocketSummary& counts, Output& out);
/// Reads and writes them, as text or JSON; says on standard error what could not be read. False if the document is
/// incomplete; the text has the original's zeros and its status.
bool show_summary(Environment& env, JsonStyle json, Via via);

}  // namespace duostat::ss
