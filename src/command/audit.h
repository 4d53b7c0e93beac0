// duostat audit: what is wrong on this host, by the rules of src/insight/rules.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kAudit;

}  // namespace duostat::command
