// Turns what a command or front end throws into one message and an exit status.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/function_ref.h"
#include "src/collect/environment.h"

namespace duostat::command {

struct Guard {
  std::string_view prefix;  ///< of the message, without the colon
  int usage_status;         ///< for a UsageError without a status of its own
  int failure_status;       ///< for a SystemError or FormatError
  bool one_usage_status = false;  ///< `usage_status` also replaces the status of a UsageError
};

/// Exit status after an allocation failed.
inline constexpr int kOutOfMemory = 1;

/// Returns what `run` returns. For UsageError, SystemError, FormatError and std::bad_alloc, prints the message on
/// standard error and returns the status; std::bad_alloc is handled without allocating.
int run_guarded(const Guard& guard, Environment& env, FunctionRef<int()> run);

}  // namespace duostat::command
