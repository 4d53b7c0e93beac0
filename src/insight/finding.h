// Findings of `duostat audit`, and the rules that could not look.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/model/socket.h"
#include "src/model/state.h"

namespace duostat {

struct Rule;  // src/insight/rule.h

enum class Severity : std::uint8_t { note, warning, critical };

/// "note", "warning", "critical".
constexpr std::string_view word_of(Severity severity) {
  constexpr std::string_view kWords[] = {"note", "warning", "critical"};
  return kWords[static_cast<unsigned>(severity)];
}

/// The process that a finding is about. Texts are raw bytes: callers escape them for output. Empty: unknown.
struct FindingOwner {
  std::uint32_t pid = 0;  ///< 0: no process is known
  std::string name;       ///< of the task
  std::string user, unit, container;
};

/// A socket as evidence: 100 bytes rather than a deep copy, because a rule keeps some for each candidate.
struct EvidenceSocket {
  explicit EvidenceSocket(const Socket& socket);

  Protocol protocol;
  Family family;
  State state;
  bool has_queues;
  Endpoint local, remote;
  std::uint32_t rqueue, wqueue;
  std::uint32_t backlog;  ///< of a listener
  std::uint64_t inode;    ///< 0: none, or unknown
  std::string unix_name;  ///< raw bytes: see shown_name(); empty: none
};

/// The first sockets of a candidate, up to a limit, and how many there were.
class Evidence {
 public:
  void add(const Socket& socket, std::size_t limit) {
    ++count_;
    if (sockets_.size() < limit) sockets_.emplace_back(socket);
  }
  void add(const EvidenceSocket& socket, std::size_t limit) {
    ++count_;
    if (sockets_.size() < limit) sockets_.push_back(socket);
  }
  /// Adds what another one has, up to the limit.
  void add(const Evidence& other, std::size_t limit);

  std::uint64_t count() const { return count_; }
  const std::vector<EvidenceSocket>& sockets() const { return sockets_; }

 private:
  std::uint64_t count_ = 0;
  std::vector<EvidenceSocket> sockets_;
};

/// A number that a condition used, for programs.
struct Measure {
  std::string_view name;  ///< "share_percent", "backlog": a key of JSON, with its unit
  std::uint64_t value;
};

struct Finding {
  const Rule* rule = nullptr;
  Severity severity = Severity::note;
  std::uint64_t count = 0;  ///< sockets, or what the rule's condition counts
  FindingOwner owner{};
  std::string subject{};    ///< the listener, tuple, peer or resource; empty: the owner says it all
  std::string values{};     ///< the measured values in words, one line: "2 with data unread, oldest at least 5 min"
  std::vector<Measure> measures{};
  Evidence evidence{};
  std::optional<std::uint64_t> age_ms{};  ///< at least
  std::uint64_t hidden = 0;             ///< of `count`: sockets whose owner is not visible
  std::string_view meaning{}, advice{};   ///< filled by Findings::add() with the rule's if empty
};

/// The number of findings of each severity.
std::array<std::size_t, 3> count_by_severity(const std::vector<Finding>& findings);

/// A rule that could not look, or looked in part.
struct NotLooked {
  const Rule* rule;
  std::string reason;  ///< "tcp: Permission denied", "12 processes: only the first 200 listeners are read"
  bool in_part;        ///< it looked at the rest
};

/// Collects what the checks found.
class Findings {
 public:
  /// Findings and reasons that follow belong to `rule`.
  void begin(const Rule& rule) { rule_ = &rule; }
  /// Fills in the rule, and its meaning and advice if the check chose none.
  void add(Finding finding);
  void could_not_look(std::string reason) { not_looked_.push_back({rule_, std::move(reason), false}); }
  void looked_in_part(std::string reason) { not_looked_.push_back({rule_, std::move(reason), true}); }

  const std::vector<Finding>& all() const { return findings_; }
  const std::vector<NotLooked>& not_looked() const { return not_looked_; }
  /// The worst first, then in the order of the rules, then the largest count. Moves them out.
  std::vector<Finding> take_sorted();

 private:
  const Rule* rule_ = nullptr;
  std::vector<Finding> findings_;
  std::vector<NotLooked> not_looked_;
};

}  // namespace duostat
