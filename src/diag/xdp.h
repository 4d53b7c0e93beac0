// xsk_diag: AF_XDP sockets (kernel: net/xdp/xsk_diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// The kernel is not asked by state: the asker filters.
Dump::Outcome dump_xdp(Dump& dump, const Query& query);
FieldSet xdp_knows();

}  // namespace duostat
