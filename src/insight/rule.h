// A rule of `duostat audit`: one row with everything that documents it, and the maker of its check, the rule at work.
//
// The command reads facts, then sockets, once or twice ("looks"). A check sees each socket once per look as it streams
// by and keeps only what its condition needs: counts, a few sockets as evidence, candidates for the second look.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/insight/finding.h"
#include "src/model/closed_sockets.h"
#include "src/model/descriptor_use.h"
#include "src/model/fact.h"
#include "src/model/field.h"
#include "src/model/listener.h"
#include "src/model/process.h"
#include "src/model/protocol.h"
#include "src/model/socket.h"
#include "src/model/state.h"
#include "src/names/resolver.h"
#include "src/render/column.h"

namespace duostat {

/// The part of the system that a rule examines.
enum class RuleScope : std::uint8_t {
  network_namespace,
  host,       ///< one figure for the whole host: read in the initial network namespace only
  processes,  ///< every process of the proc directory, whatever its network namespace
};

/// The right that a rule needs. With less it still works where `Rule::without` says how.
enum class RuleRight : std::uint8_t {
  none,    ///< any user
  ptrace,  ///< over the processes that it names: root for those of other users
};

enum class RuleLooks : std::uint8_t {
  one,
  better_with_two,  ///< finds more, or something worse, in two looks
  two,              ///< silent in one
};

/// A figure that the user can set: --set rule.name=value.
struct Threshold {
  std::string_view name;
  std::string_view unit;  ///< "sockets", "%", "s", "bytes"; empty: a plain number
  double value;           ///< default
  std::string_view meaning;
};

/// The values of one rule's thresholds.
class ThresholdValues {
 public:
  explicit ThresholdValues(std::span<const Threshold> rows);
  /// The value in the threshold's unit. `name` must be one of the rule's.
  double operator[](std::string_view name) const;
  /// For thresholds in seconds: milliseconds.
  std::uint64_t milliseconds(std::string_view name) const;
  /// False: the rule has no such threshold.
  bool set(std::string_view name, double value);
  std::span<const double> values() const { return values_; }

 private:
  std::span<const Threshold> rows_;
  std::vector<double> values_;
};

struct Rule;

/// The arguments of a check's constructor. They outlive the check.
struct CheckSetup {
  const Rule& rule;
  const ThresholdValues& thresholds;
  std::size_t evidence = 5;  ///< sockets to keep for each finding
};

/// Finds sockets that no table lists, when a check asks: it takes a look at every descriptor of the host.
class ClosedSocketSource {
 public:
  virtual ~ClosedSocketSource() = default;
  /// `least`: names only processes with so many.
  virtual ClosedSockets find(std::uint64_t least) = 0;
};

/// Listeners that differ from the baseline.
struct NewListeners {
  std::vector<Listener> list;      ///< Listener::change is `added` or `changed`
  std::uint64_t not_compared = 0;  ///< listeners whose owner is visible in one of the two lists only
  std::vector<std::string> missing;  ///< why listeners are missing: "tcp: Permission denied"
};
/// Compares the listeners with the baseline of --baseline, when a check asks.
class NewListenerSource {
 public:
  virtual ~NewListenerSource() = default;
  virtual NewListeners find() = 0;
};

/// The input of one look other than sockets. `facts` are read before the first socket.
struct Look {
  unsigned number = 0;  ///< 0 or 1
  const Facts& facts;
  const Holders& holders;
  Resolver& names;
  /// Why a fact is absent, for Findings::could_not_look().
  FunctionRef<std::string(Fact)> why_absent;
  std::int64_t time_ns = 0;              ///< CLOCK_MONOTONIC, when the facts were read
  std::uint64_t uptime_ms = 0;           ///< since boot, for the age of processes; 0: unknown
  /// The text of net.ipv4.ip_local_reserved_ports: "8080,9148-9150"; nullopt if it could not be read.
  std::optional<std::string_view> reserved_ports = std::string_view();
  bool all_processes = true;      ///< false: some processes could not be read, so sockets without an owner may have one
  /// The network namespace is the initial one: host-wide facts are this host's.
  bool initial_namespace = true;
  const DescriptorUses* descriptors = nullptr;  ///< not null if a rule asks: see Rule::descriptors
  ClosedSocketSource* closed_sockets = nullptr;
  NewListenerSource* new_listeners = nullptr;  ///< null without --baseline
  /// The network namespace has an address of its own that others may reach, as far as can be told.
  bool reachable = true;
};

class Check {
 public:
  virtual ~Check() = default;
  /// Before the sockets of a look. Rules of one look take part in the first look only.
  virtual void begin_look(const Look&) {}
  /// A socket with one of the rule's protocols and states. Valid only during the call.
  virtual void socket(const Socket&, const Look&) {}
  /// After the last socket of a look.
  virtual void end_look(const Look&) {}
  /// After the last look. `looks`: how many there were; an interrupt leaves one of two.
  virtual void conclude(unsigned looks, const Look& last, Findings& findings) = 0;
};

/// Processes with fewer descriptors are not worth the reading of their limits.
inline constexpr std::uint64_t kFewDescriptors = 128;

struct Rule {
  std::string_view id;
  RuleScope scope = RuleScope::network_namespace;
  RuleLooks looks = RuleLooks::one;
  RuleRight right = RuleRight::none;

  ProtocolSet protocols{};        ///< of the sockets that the check sees; empty: it sees none
  StateMask states = kAllStates;  ///< of these sockets
  FieldSet needs{};               ///< it cannot look without these
  FieldSet uses{};                ///< it says more with these
  FactSet facts{};                ///< it cannot look if one of these is absent; the check need not test for it
  FactSet more_facts{};           ///< it says more with these, or tests itself whether they apply to this host
  bool owners = false;            ///< asks Look::holders
  ProcessFields processes{};      ///< properties of owners that it asks for
  bool descriptors = false;       ///< asks Look::descriptors of the first look: processes with kFewDescriptors or more

  std::string_view condition;  ///< in words
  std::span<const Threshold> thresholds{};
  std::string_view critical{}, warning{}, note{};  ///< when, in words; empty: never
  std::string_view guard{};    ///< what it leaves out so that it raises no false alarm
  std::string_view meaning;    ///< what is wrong for the users of this host
  std::string_view advice;     ///< commands or sysctls, and what they cost

  std::unique_ptr<Check> (*make)(const CheckSetup&) = nullptr;
};

/// Fills `Rule::make`.
template <class C>
std::unique_ptr<Check> make_check(const CheckSetup& setup) {
  return std::make_unique<C>(setup);
}

}  // namespace duostat
