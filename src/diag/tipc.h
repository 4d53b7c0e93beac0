// Reads AF_TIPC sockets by tipc_diag (kernel: net/tipc/diag.c, tipc_sk_fill_sock_diag()).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

Dump::Outcome dump_tipc(Dump& dump, const Query& query);
FieldSet tipc_knows();

}  // namespace duostat
