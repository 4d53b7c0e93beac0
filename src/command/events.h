// `duostat events`: sockets as they appear, change their state and go.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kEvents;

}  // namespace duostat::command
