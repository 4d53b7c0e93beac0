// Commands of ours that need a legacy front end: they run ss or netstat.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::native {

extern const command::Command kExplain, kBench;

}  // namespace duostat::native
