// `duostat diff`: what is new, gone or different between two captures, or since one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kDiff;

}  // namespace duostat::command
