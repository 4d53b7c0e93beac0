// -E: sockets are shown as they are destroyed.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss/view.h"
#include "src/collect/collect.h"
#include "src/query/expr.h"

namespace duostat::ss {

/// Shows the sockets that the request's tables and families lose, each at once, until a signal ends the program or its
/// output takes no more; the titles come with the first of them. States do not matter, `filter` does; it may be null.
/// Where something is shown at the end (--json, --count, --by, --sort), SIGINT, SIGTERM and SIGHUP bring the end about, and
/// --top=N ends after N sockets.
/// Returns the exit status: 255 without a word where nothing that was asked for can be followed.
int follow_events(View& view, Via via, const Expr* filter);

}  // namespace duostat::ss
