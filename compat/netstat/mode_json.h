// netstat's modes other than socket lists as JSON: routes, interfaces, groups, counters, masqueraded connections.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

/// True if the command line asks for one of these, and for JSON.
bool wants_mode_json(const Request& request);

/// Prints one document, or its lines, once. Returns the exit status, that of the text; 0 lets -c go on. Throws
/// UsageError for what cannot be in one document.
int print_mode_json(Environment& env, const Request& request, Via via);

}  // namespace duostat::netstat
