// Runs one rule over made-up facts and sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "src/insight/audit.h"
#include "src/insight/rules.h"
#include "src/names/map_resolver.h"

namespace duostat::test {

/// Holders without an owner.
class NoHolders final : public Holders {
 public:
  void each(std::uint64_t, FunctionRef<bool(const Owner&)>) const override {}
  Owner first(std::uint64_t) const override { return {}; }
  const Process& process(std::uint32_t) const override { return process_; }

 private:
  Process process_;
};

/// What the rule finds in one or two looks, a second apart.
struct OneRule {
  explicit OneRule(std::string_view id) : chosen{ChosenRule(*find_rule(id))} {}

  void set(std::string_view threshold, double value) { chosen[0].thresholds.set(threshold, value); }

  /// One look for each element.
  Findings& run(const std::vector<Facts>& looks) {
    audit = std::make_unique<Audit>(chosen, 5);
    held.clear();
    held.reserve(looks.size());
    for (const Facts& facts : looks) {
      held.push_back({.number = static_cast<unsigned>(held.size()),
                      .facts = facts,
                      .holders = holders,
                      .names = names,
                      .why_absent = why,
                      .time_ns = static_cast<std::int64_t>(held.size()) * 1'000'000'000,
                      .initial_namespace = initial_namespace,
                      .descriptors = &descriptors,
                      .closed_sockets = closed_sockets});
      audit->begin_look(held.back());
      for (const Socket& socket : sockets) audit->socket(socket);
      audit->end_look();
    }
    return audit->conclude();
  }

  std::vector<ChosenRule> chosen;
  std::vector<Socket> sockets;
  DescriptorUses descriptors;
  ClosedSocketSource* closed_sockets = nullptr;
  bool initial_namespace = true;
  NoHolders holders;
  MapResolver names{};
  std::string (*why)(Fact) = [](Fact fact) { return std::string(row_of(fact).name) + " is absent"; };
  std::vector<Look> held;
  std::unique_ptr<Audit> audit;
};

inline Facts facts_of(std::initializer_list<std::pair<Fact, std::uint64_t>> values) {
  Facts facts;
  for (const auto& [fact, value] : values) facts.set(fact, value);
  return facts;
}

}  // namespace duostat::test
