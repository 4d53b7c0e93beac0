// Files of `duostat listen --write-baseline`, which listen and audit compare with.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/collect/environment.h"
#include "src/insight/baseline.h"

namespace duostat::command {

/// The listeners of the shown host as they would be written, with the range of its ephemeral ports.
Baseline baseline_of(const Environment& env, const std::vector<Listener>& list);
/// Opens the file as the caller could (CallersRights). Throws SystemError or FormatError.
Baseline read_baseline(Environment& env, const std::string& path);
/// Replaces the file at once, or writes to standard output if `path` is "-". Throws SystemError; UsageError if the path
/// exists and is not a regular file.
void write_baseline(Environment& env, const std::string& path, const std::string& text);

}  // namespace duostat::command
