// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/rules.h"

#include <algorithm>

namespace duostat {

const std::vector<const Rule*>& rules() {
  static const std::vector<const Rule*> kRules = [] {
    std::vector<const Rule*> all;
    for (const auto part : {queue_rules, accept_rules, peer_rules, ports_rules, loss_rules, listen_rules, host_rules,
                            process_rules, counters_rules})
      for (const Rule& rule : part()) all.push_back(&rule);
    return all;
  }();
  return kRules;
}

const Rule* find_rule(std::string_view id) {
  const auto at = std::ranges::find(rules(), id, &Rule::id);
  return at == rules().end() ? nullptr : *at;
}

}  // namespace duostat
