// --from=FILE: shows a recorded host in place of this one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/collect/environment.h"

namespace duostat {

/// Exit status of ss and netstat for a recorded host that cannot be read.
inline constexpr int kUnreadableHost = 2;

/// Calls `run` with an environment whose every seam reads the host recorded in `file`, and returns its result. If the
/// file cannot be read or is no capture, prints a line on standard error that begins with `named_by`, and returns
/// `unreadable`. Throws UsageError in a dry run, which plans requests to this host.
int with_recorded_host(Environment& env, const std::string& file, FunctionRef<int(Environment&)> run,
                       int unreadable = kUnreadableHost, std::string_view named_by = "--from");

}  // namespace duostat
