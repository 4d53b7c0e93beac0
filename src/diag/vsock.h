// Reads AF_VSOCK sockets by vsock_diag (kernel: net/vmw_vsock/diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// Rows of protocols not in query.protocols are dropped.
Dump::Outcome dump_vsock(Dump& dump, const Query& query);
FieldSet vsock_knows();

}  // namespace duostat
