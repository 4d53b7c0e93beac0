// Reads AF_XDP sockets by xsk_diag (kernel: net/xdp/xsk_diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// The kernel does not filter by state; the caller does.
Dump::Outcome dump_xdp(Dump& dump, const Query& query);
FieldSet xdp_knows();

}  // namespace duostat
