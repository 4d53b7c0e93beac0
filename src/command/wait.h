// `duostat wait`: returns as soon as a socket exists, or none does.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kWait;

}  // namespace duostat::command
