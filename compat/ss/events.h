// -E: sockets are shown as they are destroyed.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss/view.h"
#include "src/collect/collect.h"
#include "src/query/expr.h"

namespace duostat::ss {

/// Shows each socket of the selected tables and families as it is destroyed, until a signal ends the program or the
/// output fails. The titles are printed with the first socket. `filter` may be null; states are ignored.
/// If output is printed at the end (--json, --count, --by, --sort), SIGINT, SIGTERM and SIGHUP end the listing instead
/// of the program. --top=N ends it after N sockets.
/// Returns the exit status: 255 without a message if the selected tables have no events.
int follow_events(View& view, Via via, const Expr* filter);

}  // namespace duostat::ss
