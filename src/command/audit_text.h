// The text of `duostat audit`: findings for a person at a terminal, the list of rules, the description of one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/collect/environment.h"
#include "src/insight/audit.h"

namespace duostat::command {

/// The results of an audit other than its findings.
struct AuditOutcome {
  std::vector<NotLooked> not_looked;
  std::vector<std::string> remarks;  ///< lines about the whole answer: owners that are not visible
  std::size_t rules = 0;
  unsigned looks = 0;
  std::size_t found = 0;  ///< findings before --top
};

/// Prints findings as paragraphs of the terminal's width, 80 columns if there is none, with colours only on a terminal
/// without NO_COLOR. Text from outside is escaped.
void print_findings(Environment& env, const std::vector<Finding>& findings, const AuditOutcome& outcome);

/// Prints every rule with its thresholds, in the form of --config.
void print_rules(Environment& env, const std::vector<ChosenRule>& rules);
/// Prints everything about one rule.
void print_rule(Environment& env, const ChosenRule& rule);

/// "100", "2.5".
std::string threshold_text(double value);

}  // namespace duostat::command
