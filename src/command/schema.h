// `duostat schema`: SQL for the rows of a listing, written from its columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/command/command.h"

namespace duostat::command {

extern const Command kSchema;

}  // namespace duostat::command
