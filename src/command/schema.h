// `duostat schema`: SQL for the rows of a listing, written from its columns.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "src/command/command.h"

namespace duostat::command {

extern const Command kSchema;

/// The kinds of rows that it knows: "sockets", …
std::vector<std::string> schema_kinds();

}  // namespace duostat::command
