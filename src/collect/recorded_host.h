// --from=FILE: shows a recorded host in place of this one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/function_ref.h"
#include "src/collect/environment.h"

namespace duostat {

/// Calls `run` with an environment whose every seam reads the host recorded in `file`, and returns its result. If the
/// file cannot be read or is no capture, prints a line on standard error and returns 2. Throws UsageError in a dry run,
/// which plans requests to this host.
int with_recorded_host(Environment& env, const std::string& file, FunctionRef<int(Environment&)> run);

}  // namespace duostat
