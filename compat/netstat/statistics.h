// netstat -s: the protocol counters in words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <vector>

#include "compat/netstat/options.h"
#include "src/collect/environment.h"
#include "src/model/counters.h"
#include "src/query/query.h"

namespace duostat::netstat {

/// One look at the counters.
struct Statistics {
  std::vector<CounterSection> sections;  ///< all, whatever protocols were chosen
  std::vector<Coverage> problems;        ///< what could not be read
};

/// True if there are counters of the families that were named: of none, or of one Internet family.
bool has_statistics(const Request& request);
/// Why not, in the original's words.
std::string no_statistics_text(const Request& request);
/// Reads the counters and says on standard error what is missing.
Statistics read_statistics(Environment& env, const Request& request);
/// Whether the protocols that were chosen include a section; those that the texts do not know always belong to the
/// answer.
bool is_selected(const Request& request, const CounterSection& section);
/// Prints sections whose values are differences (two's complement), in the texts of the counters.
void print_differences(Output& out, const std::vector<CounterSection>& sections);

/// Prints the counters of the family that was named, or of IPv4, once. Returns the exit status: 0 even if the kernel
/// has no such file. Only /proc has all these counters.
int print_statistics(Environment& env, const Request& request);

}  // namespace duostat::netstat
