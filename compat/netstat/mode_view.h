// netstat's modes other than socket lists in other forms than its own: routes, interfaces, groups, counters and
// masqueraded connections as JSON, a table or counts.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "compat/netstat/options.h"
#include "compat/view_rules.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// What the command line shows. Throws UsageError with status 2 for groups together with other tables if a shared
/// option is given.
ViewKind view_kind(const Request& request);
/// The columns of that view's records. `places`: with the column of their places (src/render/placed.h); those of
/// sockets have it anyway.
const ColumnSet& columns_of(ViewKind kind, std::optional<PlaceKind> places = {});

/// Prints the view once in the form that `plan` asks for. Returns the exit status; 0 lets -c go on.
/// Throws UsageError for families that have no such view.
int print_mode_view(Environment& env, const Request& request, const ViewPlan& plan, Via via);

}  // namespace duostat::netstat
