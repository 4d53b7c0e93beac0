// The protocol counters of /proc/net/snmp, netstat, snmp6 and sctp/snmp.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/counters.h"
#include "src/query/query.h"

namespace duostat {

inline constexpr std::string_view kSnmpFile = "net/snmp", kNetstatFile = "net/netstat", kSnmp6File = "net/snmp6",
                                  kSctpSnmpFile = "net/sctp/snmp";

/// Reads net/snmp or net/netstat: pairs of lines. A pair without a name ends the reading and counts as malformed. A
/// name without a number below it is an unknown counter (Counter::known).
Coverage read_counter_pairs(const ProcDir& proc, std::string_view file, std::vector<CounterSection>& sections);
/// Reads net/snmp6. The section follows from the name: "Ip6InReceives" belongs to Ip6.
Coverage read_counters6(const ProcDir& proc, std::vector<CounterSection>& sections);
/// Reads net/sctp/snmp: one section.
Coverage read_sctp_counters(const ProcDir& proc, std::vector<CounterSection>& sections);

}  // namespace duostat
