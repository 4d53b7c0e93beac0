// Reads AF_PACKET sockets by packet_diag (kernel: net/packet/diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/dump.h"

namespace duostat {

/// Rows of protocols (raw, dgram) not in query.protocols are handed out too: the kernel has one table for both, and the
/// caller decides whether to separate them (ss does not).
Dump::Outcome dump_packet(Dump& dump, const Query& query);
FieldSet packet_knows();

}  // namespace duostat
