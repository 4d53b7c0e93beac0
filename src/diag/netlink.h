// netlink_diag: AF_NETLINK sockets of every netlink protocol (kernel: net/netlink/diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// The kernel is not asked by state: the asker filters.
Dump::Outcome dump_netlink(Dump& dump, const Query& query);
FieldSet netlink_knows();

}  // namespace duostat
