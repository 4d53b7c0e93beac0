// duostat report: one screen, or one page, about the sockets of this host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kReport;

}  // namespace duostat::command
