// --from=FILE: a front end that shows a recorded host in place of this one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <span>
#include <string>

#include "compat/frontend.h"
#include "src/base/function_ref.h"

namespace duostat {

/// The value of the last --from among the words of a front end, as its own option table reads them.
std::optional<std::string> from_option(const FrontEnd& front_end, const Environment& env, std::span<const std::string> args);

/// Calls `run` with the environment of the host that `file` has, and returns its result; 2 and a line on standard error if the
/// file cannot be read or is not what it should be.
int with_recorded_host(Environment& env, const std::string& file, FunctionRef<int(Environment&)> run);

}  // namespace duostat
