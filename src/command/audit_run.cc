// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/audit_run.h"

#include <fmt/core.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <optional>
#include <utility>

#include "src/base/error.h"
#include "src/base/interrupt.h"
#include "src/collect/closed_sockets.h"
#include "src/collect/facts.h"
#include "src/collect/host.h"
#include "src/collect/listeners.h"
#include "src/collect/owners.h"
#include "src/collect/sockets.h"
#include "src/command/baseline_file.h"
#include "src/procfs/descriptors.h"
#include "src/rtnl/links.h"
#include "src/view/process_holders.h"

namespace duostat::command {
namespace {

bool is_link_local(const Address& inet) { return inet[0] == 169 && inet[1] == 254; }

/// True if an interface other than a container's has an address that is not limited to its link. True as well if they
/// cannot be read.
bool has_address_of_its_own(const Environment& env) {
  std::vector<Interface> interfaces;
  if (rtnl::read_interfaces(env.open_transport, interfaces).error != 0) return true;
  return std::ranges::any_of(interfaces, [](const Interface& i) {
    if ((i.flags & kInterfaceUp) == 0 || (i.flags & kInterfaceLoopback) != 0) return false;
    if (i.kind == "veth" || i.kind == "bridge") return false;
    return (i.inet && !is_link_local(i.inet->address)) ||
           std::ranges::any_of(i.inet6, [](const InterfaceInet6& a) { return a.scope == 0; });
  });
}

std::string reason_of(const TableAnswer& answer) { return fmt::format("{}: {}", answer.name, why_missing(answer)); }

/// Looks once for everyone who asks in one look.
class ClosedSocketFinder final : public ClosedSocketSource {
 public:
  explicit ClosedSocketFinder(Environment& env) : env_(env) {}
  ClosedSockets find(std::uint64_t least) override {
    if (!found_ || least_ != least) found_ = find_closed_sockets(env_, {.least = least});
    least_ = least;
    return *found_;
  }
  void forget() { found_.reset(); }

 private:
  Environment& env_;
  std::optional<ClosedSockets> found_;
  std::uint64_t least_ = 0;
};

class BaselineComparer final : public NewListenerSource {
 public:
  /// `owners` may be null.
  BaselineComparer(Environment& env, Via via, const Baseline& before, const OwnerIndex* owners)
      : env_(env), via_(via), before_(before), owners_(owners) {}

  NewListeners find() override {
    Listeners now = read_listeners(env_, via_, {.owners = owners_});
    const BaselineComparison compared = compare(before_, baseline_of(env_, now.list));
    NewListeners found{.list = {}, .not_compared = compared.not_compared, .missing = {}};
    for (const BaselineDifference& d : compared.differences) {
      if (d.change == ListenerChange::gone) continue;
      Listener& listener = found.list.emplace_back(std::move(now.list[d.now]));
      listener.change = d.change;
      if (d.change == ListenerChange::changed) listener.before = owner_text(before_.entries[d.before]);
    }
    for (const TableAnswer& answer : now.answers)
      if (answer.missing) found.missing.push_back(reason_of(answer));
    return found;
  }

 private:
  Environment& env_;
  Via via_;
  const Baseline& before_;
  const OwnerIndex* owners_;
};

class Looks {
 public:
  Looks(Environment& env, const AuditPlan& plan)
      : env_(env),
        plan_(plan),
        audit_(plan.rules, plan.evidence),
        scanned_(plan.owners == nullptr && wants_owners() ? read_owners(env, {}) : OwnerIndex()),
        owners_(plan.owners == nullptr ? scanned_ : *plan.owners),
        holders_(env.proc, owners_, process_fields()) {
    int error = 0;
    std::string reserved = env.proc.read("sys/net/ipv4/ip_local_reserved_ports", error);
    if (error == 0 || error == ENOENT) reserved_ports_ = std::move(reserved);  // before Linux 2.6.35 there is none
    // These limits are files of the initial network namespace only.
    initial_ = env.proc.exists("sys/net/ipv4/tcp_mem");
    reachable_ = initial_ || has_address_of_its_own(env);
    if (plan.baseline != nullptr)
      comparer_.emplace(env, plan.via, *plan.baseline, audit_.owners() ? &owners_ : nullptr);
    if (audit_.descriptors() || plan.observer != nullptr) descriptors_ = descriptor_uses(env.proc, kFewDescriptors);
  }

  void look() {
    const auto number = static_cast<unsigned>(looks_.size());
    observer_ = number == 0 ? plan_.observer : nullptr;
    FactSet asked = audit_.facts(number);
    if (observer_ != nullptr) asked.add(observer_->facts());
    const Facts& facts = facts_.emplace_back(read_facts(env_.proc, asked));
    const OwnerCoverage& owners = owners_.coverage();
    const Look& look = looks_.emplace_back(Look{
        .number = number,
        .facts = facts,
        .holders = holders_,
        .names = env_.names,
        .why_absent = why_absent_,
        .time_ns = env_.clock.now_ns(),
        .uptime_ms = uptime_ms(env_.proc).value_or(0),
        .reserved_ports = reserved_ports_,
        .all_processes = !owners.incomplete() && sees_every_process(env_.proc),
        .initial_namespace = initial_,
        .descriptors = &descriptors_,
        .closed_sockets = &closed_sockets_,
        .new_listeners = comparer_ ? &*comparer_ : nullptr,
        .reachable = reachable_,
    });
    closed_sockets_.forget();
    audit_.begin_look(look);
    if (observer_ != nullptr) observer_->begin(look);
    read_sockets(number);
    audit_.end_look();
    if (observer_ != nullptr) observer_->end(look);
  }

  AuditAnswer answer() {
    Findings& findings = audit_.conclude();
    AuditAnswer answer{.findings = findings.take_sorted(),
                       .not_looked = findings.not_looked(),
                       .remarks = {},
                       .incomplete = std::move(incomplete_),
                       .looks = static_cast<unsigned>(looks_.size())};
    OwnerCoverage coverage = owners_.coverage();
    holders_.account(coverage);
    const std::string why = reasons(coverage);
    if (wants_owners() && !why.empty()) answer.remarks.push_back("owners: " + why);
    return answer;
  }

 private:
  bool wants_owners() const { return audit_.owners() || plan_.observer != nullptr; }
  ProcessFields process_fields() const {
    ProcessFields fields = audit_.processes();
    if (plan_.observer != nullptr) fields.add(plan_.observer->processes());
    return fields;
  }
  bool observed(Protocol protocol) const { return observer_ != nullptr && observer_->protocols().has(protocol); }
  StateMask states(unsigned number, Protocol protocol) const {
    return observed(protocol) ? kAllStates : audit_.states(number, protocol);
  }
  FieldSet wanted(unsigned number, Protocol protocol) const {
    const FieldSet fields = audit_.wanted(number, protocol);
    return observed(protocol) ? fields | observer_->wanted(protocol) : fields;
  }

  /// Protocols that need the same of their sockets share a request.
  void read_sockets(unsigned number) {
    ProtocolSet left = audit_.protocols(number);
    if (observer_ != nullptr) left = left | observer_->protocols();
    for (const ProtocolRow& row : kProtocols) {
      if (!left.has(row.protocol)) continue;
      SocketRequest request{.protocols = {},
                            .states = states(number, row.protocol),
                            .wanted = wanted(number, row.protocol)};
      for (const ProtocolRow& other : kProtocols)
        if (left.has(other.protocol) && states(number, other.protocol) == request.states &&
            wanted(number, other.protocol) == request.wanted)
          request.protocols.add(other.protocol);
      left = left - request.protocols;
      const auto tables = each_socket(env_, plan_.via, request, [&](const Socket& socket) {
        audit_.socket(socket);
        if (observer_ != nullptr) observer_->socket(socket);
      });
      for (const TableAnswer& table : tables) account(table);
    }
  }

  void account(const TableAnswer& table) {
    if (observer_ != nullptr)
      observer_->table(table.protocols, table.absent    ? TableSight::absent
                                        : table.missing ? TableSight::incomplete
                                                        : TableSight::whole);
    if (table.absent) return audit_.note_absent(table.protocols);
    const Coverage& coverage = table.answer.coverage;
    if (table.missing) {
      audit_.note({table.protocols, reason_of(table), coverage.error != 0 && coverage.rows == 0});
      incomplete_.push_back(table);
    }
    const Via backend = table.answer.backend;
    if (backend != Via::procfs && backend != Via::netlink) return;
    for (const ProtocolRow& row : kProtocols)
      if (table.protocols.has(row.protocol))
        audit_.note_fields(row.protocol, row_of(backend).knows(row.protocol), word_of(backend));
  }

  struct WhyAbsent {
    const Looks& looks;
    std::string operator()(Fact fact) const { return why_absent(looks.env_.proc, looks.facts_.back(), fact); }
  };

  Environment& env_;
  const AuditPlan& plan_;
  Audit audit_;
  LookObserver* observer_ = nullptr;  ///< of the current look
  OwnerIndex scanned_;
  const OwnerIndex& owners_;  ///< scanned_, or that of the plan
  ProcessHolders holders_;
  WhyAbsent why_absent_{*this};
  std::optional<std::string> reserved_ports_;
  bool initial_ = true, reachable_ = true;
  DescriptorUses descriptors_;
  ClosedSocketFinder closed_sockets_{env_};
  std::optional<BaselineComparer> comparer_;
  std::deque<Facts> facts_;  ///< of each look; a deque does not move them
  std::deque<Look> looks_;
  std::vector<TableAnswer> incomplete_;
};

/// False: a signal came.
bool sleep_between_looks(Clock& clock, std::int64_t duration_ns) {
  Interrupt interrupt;
  constexpr std::int64_t kSlice = 50'000'000;
  for (; duration_ns > 0 && !interrupt.raised(); duration_ns -= kSlice) clock.sleep_ns(std::min(duration_ns, kSlice));
  return !interrupt.raised();
}

}  // namespace

AuditAnswer run_audit(Environment& env, const AuditPlan& plan) {
  Looks looks(env, plan);
  looks.look();
  if (plan.interval_ns > 0 && sleep_between_looks(env.clock, plan.interval_ns)) looks.look();
  return looks.answer();
}

}  // namespace duostat::command
