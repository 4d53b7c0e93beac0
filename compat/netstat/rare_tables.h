// Tables of families that few kernels still have, as JSON: the columns that the file's first line names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/netstat/options.h"
#include "src/query/query.h"
#include "src/view/json_document.h"

namespace duostat::netstat {

bool has_rare_sockets(AddressFamily family);
bool has_rare_routes(AddressFamily family);

/// Adds an object for each row of the family's file; nothing, and no problem, if this kernel lacks the file.
Coverage add_rare_sockets(const ProcDir& proc, AddressFamily family, JsonDocument& document);
Coverage add_rare_routes(const ProcDir& proc, AddressFamily family, JsonDocument& document);

}  // namespace duostat::netstat
