// The rules of an audit and their thresholds: --only, --skip, --set, --config.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/insight/audit.h"

namespace duostat::command {

struct AuditSettings {
  std::vector<std::string> only, skip;  ///< names of rules
  std::vector<std::string> set;         ///< "rule.threshold=value"
  std::vector<std::string> configs;     ///< files
  bool baseline = false;                ///< --baseline was given: new-listener can run
};

/// The rules that `settings` choose, in the order of the list, with thresholds from the files, then from --set. Throws
/// UsageError for a rule, threshold or value that does not exist, with the nearest that does; for a file, the message
/// begins with its name and the line. `secure`: see Environment.
std::vector<ChosenRule> choose_rules(const AuditSettings& settings, bool secure);

/// The rule of this name. Throws UsageError with the nearest.
const Rule& require_rule(std::string_view option, std::string_view name);

}  // namespace duostat::command
