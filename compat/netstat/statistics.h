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
/// The counters as rows of their own, of sections that outlive them. `elapsed_ms`: they are differences over this time.
std::vector<CounterRecord> counters_of(const std::vector<CounterSection>& sections,
                                       std::optional<std::int64_t> elapsed_ms = std::nullopt);
/// Leaves the counters that the options of ours choose, in their order: a heading comes again where the section
/// changes. With --sort or --top, counters that the text would not show are left out first.
std::vector<CounterSection> chosen_counters(const ViewPlan& plan, const std::vector<CounterSection>& sections,
                                            std::optional<std::int64_t> elapsed_ms = std::nullopt);
/// --json and no other option of ours: a record is a section. Otherwise a record is a counter.
bool is_json_alone(const ViewPlan& plan);
/// Prints sections whose values are differences (two's complement), in the texts of the counters.
void print_differences(Output& out, const std::vector<CounterSection>& sections);

/// Prints the counters of the family that was named, or of IPv4, once. Returns the exit status: 0 even if the kernel
/// has no such file. Only /proc has all these counters.
int print_statistics(Environment& env, const Request& request, const ViewPlan& plan);

}  // namespace duostat::netstat
