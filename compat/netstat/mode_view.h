// netstat's modes other than socket lists in the forms of ours: routes, interfaces, groups, counters and masqueraded
// connections as JSON, as chosen columns, and counted.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/view/socket_view.h"
#include "compat/view_rules.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// What the command line shows. Throws UsageError with status 2 for groups beside other tables if options of ours are
/// to choose among them.
ViewKind view_kind(const Request& request);
/// The columns of that view's records.
const ColumnSet& columns_of(ViewKind kind);

/// Prints the view once, in the form of `plan`, which replaces the text. Returns the exit status; 0 lets -c go on.
/// Throws UsageError for what cannot be in one document.
int print_mode_view(Environment& env, const Request& request, const ViewPlan& plan, Via via);

}  // namespace duostat::netstat
