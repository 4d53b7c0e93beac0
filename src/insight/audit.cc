// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/audit.h"

#include <fmt/core.h>

#include <algorithm>

namespace duostat {

Audit::Audit(const std::vector<ChosenRule>& chosen, std::size_t evidence) {
  for (const ChosenRule& c : chosen)
    running_.push_back({c.rule, c.rule->make({.rule = *c.rule, .thresholds = c.thresholds, .evidence = evidence})});
}

bool Audit::takes_part(const Rule& rule, unsigned number) { return number == 0 || rule.looks != RuleLooks::one; }

ProtocolSet Audit::protocols(unsigned number) const {
  ProtocolSet all;
  for (const Running& r : running_)
    if (takes_part(*r.rule, number)) all = all | r.rule->protocols;
  return all;
}

StateMask Audit::states(unsigned number, Protocol protocol) const {
  StateMask all = 0;
  for (const Running& r : running_)
    if (takes_part(*r.rule, number) && r.rule->protocols.has(protocol)) all |= r.rule->states;
  return all;
}

FieldSet Audit::wanted(unsigned number, Protocol protocol) const {
  FieldSet all;
  for (const Running& r : running_)
    if (takes_part(*r.rule, number) && r.rule->protocols.has(protocol)) all |= r.rule->needs | r.rule->uses;
  return all;
}

FactSet Audit::facts(unsigned number) const {
  FactSet all;
  for (const Running& r : running_)
    if (takes_part(*r.rule, number)) all.add(r.rule->facts).add(r.rule->more_facts);
  return all;
}

bool Audit::owners() const {
  return std::ranges::any_of(running_, [](const Running& r) { return r.rule->owners; });
}

bool Audit::descriptors() const {
  return std::ranges::any_of(running_, [](const Running& r) { return r.rule->descriptors; });
}

ProcessFields Audit::processes() const {
  ProcessFields all;
  for (const Running& r : running_) all.add(r.rule->processes);
  return all;
}

void Audit::lacks_facts(Running& running, const Look& look) const {
  for (std::size_t i = 0; i < kFacts && running.blind.empty(); ++i) {
    const auto fact = static_cast<Fact>(i);
    if (running.rule->facts.has(fact) && !look.facts.get(fact)) running.blind = look.why_absent(fact);
  }
}

void Audit::begin_look(const Look& look) {
  look_ = &look;
  ++looks_;
  for (auto& by_state : seers_)
    for (auto& seers : by_state) seers.clear();
  for (Running& r : running_) {
    if (!takes_part(*r.rule, look.number)) continue;
    if (r.rule->scope == RuleScope::host && !look.initial_namespace)
      r.blind = "figures of the whole host are needed, and this is not the initial network namespace";
    lacks_facts(r, look);
    if (!r.blind.empty()) continue;
    r.check->begin_look(look);
    for (std::size_t p = 0; p < static_cast<std::size_t>(Protocol::count_); ++p)
      for (std::size_t s = 0; s < kStates; ++s)
        if (r.rule->protocols.has(static_cast<Protocol>(p)) && in_mask(r.rule->states, static_cast<State>(s)))
          seers_[p][s].push_back(r.check.get());
  }
}

void Audit::socket(const Socket& socket) {
  const auto state = static_cast<std::size_t>(socket.state);
  if (state >= kStates) return;
  for (Check* check : seers_[static_cast<std::size_t>(socket.protocol)][state]) check->socket(socket, *look_);
}

void Audit::note_absent(ProtocolSet protocols) {
  for (Running& r : running_) r.unseen = r.unseen | protocols;
}

void Audit::miss(Running& r, ProtocolSet protocols, std::string reason, bool nothing) {
  if (nothing) r.unseen = r.unseen | protocols;
  if (std::ranges::find(r.partly, reason) == r.partly.end()) r.partly.push_back(std::move(reason));
}

/// A rule is blind if it saw nothing of any of its tables that exist, in one of its looks.
void Audit::judge_sight(Running& r) {
  const bool saw_none = !r.rule->protocols.empty() && (r.rule->protocols - r.unseen).empty();
  if (saw_none && !r.partly.empty()) r.blind = r.partly.front();
}

void Audit::note(const TableProblem& problem) {
  for (Running& r : running_)
    if (r.rule->protocols.has_any(problem.protocols) && takes_part(*r.rule, looks_ - 1))
      miss(r, problem.protocols, problem.reason, problem.nothing);
}

void Audit::note_fields(Protocol protocol, FieldSet known, std::string_view backend) {
  for (Running& r : running_) {
    if (!r.rule->protocols.has(protocol) || known.has_all(r.rule->needs) || !takes_part(*r.rule, looks_ - 1)) continue;
    miss(r, {protocol},
         fmt::format("{}: {} does not supply {}", row_of(protocol).id, backend, names_of(r.rule->needs - known)), true);
  }
}

void Audit::end_look() {
  for (Running& r : running_) {
    if (!takes_part(*r.rule, look_->number) || !r.blind.empty()) continue;
    judge_sight(r);
    if (r.blind.empty()) r.check->end_look(*look_);
  }
}

Findings& Audit::conclude() {
  for (Running& r : running_) {
    findings_.begin(*r.rule);
    if (!r.blind.empty()) {
      findings_.could_not_look(std::move(r.blind));
      continue;
    }
    for (std::string& reason : r.partly) findings_.looked_in_part(std::move(reason));
    r.check->conclude(looks_, *look_, findings_);
  }
  return findings_;
}

}  // namespace duostat
