// Protocol counters. Their names are the kernel's (net/ipv4/proc.c, net/ipv6/proc.c, net/sctp/proc.c, net/mptcp/mib.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/query/query.h"

namespace duostat {

/// Given a section's counters in the order of the file.
class CounterSink {
 public:
  virtual ~CounterSink() = default;
  /// A section begins; false: its counters are not wanted.
  virtual bool section(std::string_view name) = 0;
  virtual void counter(std::string_view key, std::uint64_t value) = 0;
};

/// net/snmp, net/netstat: a line of names and one of numbers, each behind "Section:". A name without a number counts 0.
/// Pairs that do not begin with `prefix` are stepped over. Coverage::malformed is 1 if one of the others has no section: what
/// follows it is not read.
Coverage read_counter_pairs(const ProcDir& proc, std::string_view file, std::string_view prefix, CounterSink& sink);
/// net/snmp6 (`section` empty: a section's name is what its keys have up to the first '6'), net/sctp/snmp: "key value" lines.
Coverage read_counter_lines(const ProcDir& proc, std::string_view file, std::string_view section, CounterSink& sink);

}  // namespace duostat
