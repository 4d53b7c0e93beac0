// Runs the rules of an audit over the sockets and facts that its caller reads: which sockets must be read, who sees
// which socket, what could not be looked at.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/insight/rule.h"

namespace duostat {

/// A rule that takes part in an audit, with its thresholds.
struct ChosenRule {
  explicit ChosenRule(const Rule& r) : rule(&r), thresholds(r.thresholds) {}
  const Rule* rule;
  ThresholdValues thresholds;
};

/// A table of sockets with missing rows.
struct TableProblem {
  ProtocolSet protocols;
  std::string reason;    ///< "tcp: Permission denied"
  bool nothing = false;  ///< not one row was read
};

///   Audit audit(chosen, 5);
///   for each look: audit.begin_look(look); audit.socket(socket) …; audit.end_look();
///   const Findings& findings = audit.conclude();
class Audit {
 public:
  /// `chosen` must outlive the audit.
  Audit(const std::vector<ChosenRule>& chosen, std::size_t evidence);

  /// The sockets that look `number` must pass to socket().
  ProtocolSet protocols(unsigned number) const;
  StateMask states(unsigned number, Protocol protocol) const;
  FieldSet wanted(unsigned number, Protocol protocol) const;
  FactSet facts(unsigned number) const;
  bool owners() const;
  bool descriptors() const;
  ProcessFields processes() const;

  /// `look` must live until conclude().
  void begin_look(const Look& look);
  void socket(const Socket& socket);
  /// This kernel has no such table: nothing is missing.
  void note_absent(ProtocolSet protocols);
  /// Tells the rules of these protocols what they could not see.
  void note(const TableProblem& problem);
  /// `backend` lacks fields for sockets of `protocol`: `known` has those that it supplies.
  void note_fields(Protocol protocol, FieldSet known, std::string_view backend);
  void end_look();

  /// Findings stay in the order of the rules: see Findings::take_sorted().
  Findings& conclude();

 private:
  struct Running {
    const Rule* rule;
    std::unique_ptr<Check> check;
    std::vector<std::string> partly{};
    std::string blind{};   ///< not empty: it cannot look, and why
    ProtocolSet unseen{};  ///< of which it saw nothing in a look, or which are absent
  };
  static bool takes_part(const Rule& rule, unsigned number);
  static void miss(Running& running, ProtocolSet protocols, std::string reason, bool nothing);
  static void judge_sight(Running& running);
  void lacks_facts(Running& running, const Look& look) const;

  static constexpr std::size_t kStates = 16;
  std::vector<Running> running_;
  std::vector<Check*> seers_[static_cast<std::size_t>(Protocol::count_)][kStates];
  const Look* look_ = nullptr;
  unsigned looks_ = 0;
  Findings findings_;
};

}  // namespace duostat
