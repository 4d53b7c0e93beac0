// Reads AF_NETLINK sockets of all netlink protocols by netlink_diag (kernel: net/netlink/diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// The kernel does not filter by state; the caller does.
Dump::Outcome dump_netlink(Dump& dump, const Query& query);
FieldSet netlink_knows();

}  // namespace duostat
