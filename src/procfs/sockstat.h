// Counts of sockets from /proc/net/sockstat, sockstat6 and snmp.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/model/summary.h"

namespace duostat {

/// Reads the three files; numbers of a file that cannot be read stay 0. `report` is called for each file that could not
/// be read (relative to the proc directory) with errno. A kernel without IPv6 has no net/sockstat6, which is reported
/// too.
SocketSummary read_summary(const ProcDir& proc, FunctionRef<void(std::string_view file, int error)> report);

}  // namespace duostat
