// netstat -s: the protocol counters in words.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compat/netstat/options.h"
#include "src/collect/environment.h"
#include "src/model/counters.h"
#include "src/query/query.h"
#include "src/render/record.h"
#include "src/view/socket_view.h"

namespace duostat::netstat {

/// One reading of the counters.
struct Statistics {
  std::vector<CounterSection> sections;  ///< all sections, independent of the chosen protocols
  std::vector<Coverage> problems;        ///< what could not be read; also reported on standard error
  std::vector<Coverage> headings;        ///< files with names that have no numbers; not reported, as in the original

  bool complete() const { return problems.empty() && headings.empty(); }
};

/// True if the named families have counters: no family, or one of IPv4 and IPv6.
bool has_statistics(const Request& request);
/// The original's message if they have none.
std::string no_statistics_text(const Request& request);
/// Reads the counters and reports on standard error what is missing.
Statistics read_statistics(Environment& env, const Request& request);
/// True if the chosen protocols include a section. Sections without texts are always included.
bool is_selected(const Request& request, const CounterSection& section);
/// The counters as records of their own; the sections must outlive them. `elapsed_ms`: they are differences over this
/// time.
std::vector<CounterRecord> counters_of(const std::vector<CounterSection>& sections,
                                       std::optional<std::int64_t> elapsed_ms = std::nullopt);
/// Keeps the counters that our own options select, in their order; a heading is repeated where the section changes.
/// With --sort or --top, counters without a line in the text are left out first.
std::vector<CounterSection> chosen_counters(const ViewPlan& plan, const std::vector<CounterSection>& sections,
                                            std::optional<std::int64_t> elapsed_ms = std::nullopt);
/// --json without another of our own options: a record is a section. Otherwise a record is a counter.
bool is_json_alone(const ViewPlan& plan);
/// Prints sections whose values are differences (two's complement), with the texts of the counters.
void print_differences(Output& out, const std::vector<CounterSection>& sections);

/// Prints the counters of the named family, or of IPv4, once. Returns the exit status: 0 even if the kernel has no such
/// file. Only /proc has all these counters.
int print_statistics(Environment& env, const Request& request, const ViewPlan& plan);

}  // namespace duostat::netstat
