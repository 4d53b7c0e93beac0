// Commands of ours that need a legacy front end: they run ss or netstat, or read their tables of options.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <vector>

#include "src/command/command.h"

namespace duostat::native {

extern const command::Command kExplain, kBench, kCompletion;

/// Every command of ours, in the order of `duostat help`.
std::vector<const command::Command*> all_commands();

}  // namespace duostat::native
