// Reads the facts of src/model/fact.h from the proc directory.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/base/proc_dir.h"
#include "src/model/fact.h"

namespace duostat {

/// Reads each file once. Never throws for a file: see Facts::error().
Facts read_facts(const ProcDir& proc, FactSet wanted);

/// Why a fact is absent, for messages: "/proc/sys/net/ipv4/tcp_mem: No such file or directory", or
/// "/proc/net/netstat has no TcpExt TCPRcvQDrop".
std::string why_absent(const ProcDir& proc, const Facts& facts, Fact fact);

}  // namespace duostat
