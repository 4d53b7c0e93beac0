// Reads AF_UNIX sockets by unix_diag (kernel: net/unix/diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// Dumps AF_UNIX's table; rows of protocols not in query.protocols are dropped. The kernel omits sockets without inode
/// (sk_diag_dump()): connections not yet accepted, which /proc/net/unix lists. Their listener's `pending` shows how
/// many there are.
Dump::Outcome dump_unix(Dump& dump, const Query& query);
FieldSet unix_knows();

}  // namespace duostat
