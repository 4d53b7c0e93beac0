// duostat listen: the inventory of listeners, and what changed since a baseline.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kListen;

}  // namespace duostat::command
