// duostat capture FILE: records this host for --from.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kCapture;

}  // namespace duostat::command
