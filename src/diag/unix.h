// unix_diag: AF_UNIX sockets (kernel: net/unix/diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// Dumps AF_UNIX's table; rows of protocols not in query.protocols are dropped.
Dump::Outcome dump_unix(Dump& dump, const Query& query);
FieldSet unix_knows();

}  // namespace duostat
