// duostat states: how many sockets there are, by protocol, family and state.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kStates;

}  // namespace duostat::command
