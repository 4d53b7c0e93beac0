// Rules about the descriptors of processes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include "src/base/error.h"
#include "src/insight/fact_check.h"
#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

constexpr Threshold kDescriptors[] = {
    {"critical", "%", 95, "share of the soft limit (RLIMIT_NOFILE) that is critical"},
    {"share", "%", 80, "share of the soft limit that is a warning"},
    {"limit", "descriptors", 256, "processes with a lower soft limit are left out"},
    {"files", "%", 90, "share of fs.file-max that the open files of the host may reach"},
};

class Descriptors final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void end_look(const Look& look) override {
    if (look.descriptors != nullptr) uses_ = *look.descriptors;
  }
  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (const DescriptorUse& use : uses_.uses) look_at(use, findings);
    files(look, findings);
    if (uses_.error != 0) findings.could_not_look(fmt::format("processes: {}", error_text(uses_.error)));
    if (uses_.denied != 0)
      findings.looked_in_part(
          fmt::format("no permission to count the descriptors of {}", counted(uses_.denied, "process")));
    if (uses_.unread != 0)
      findings.looked_in_part(
          fmt::format("{}: {}", counted(uses_.unread, "process"), error_text(uses_.unread_error)));
  }

 private:
  void look_at(const DescriptorUse& use, Findings& findings) const {
    const auto soft = use.limits.soft;
    if (!soft || static_cast<double>(*soft) < limit("limit")) return;
    const double share = share_of(use.open, *soft);
    if (share < limit("share")) return;
    auto severity = share >= limit("critical") ? Severity::critical : Severity::warning;
    // A program that raises its soft limit on need does so before the end: one degree less.
    const bool may_raise = !use.limits.hard || *use.limits.hard > *soft;
    if (may_raise) severity = severity == Severity::critical ? Severity::warning : Severity::note;
    FindingOwner owner;
    owner.pid = use.pid;
    owner.name = use.comm;
    findings.add({.severity = severity,
                  .count = use.open,
                  .owner = std::move(owner),
                  .values = fmt::format("{} of {} descriptors ({} %){}", use.open, *soft, share_text(use.open, *soft),
                                        may_raise ? "; the program may raise this limit itself" : ""),
                  .measures = {{"descriptors", use.open}, {"descriptors_max", *soft}}});
  }

  void files(const Look& look, Findings& findings) const {
    for (const Fact fact : {Fact::file_handles, Fact::file_max})
      if (!now(fact)) return findings.looked_in_part(look.why_absent(fact));
    const std::uint64_t open = *now(Fact::file_handles), most = *now(Fact::file_max);
    if (share_of(open, most) < limit("files")) return;
    findings.add({.severity = share_of(open, most) >= limit("critical") ? Severity::critical : Severity::warning,
                  .count = open,
                  .subject = "open files of the host",
                  .values = fmt::format("{} of {} ({} %)", open, most, share_text(open, most)),
                  .measures = {{"files", open}, {"files_max", most}},
                  .meaning = "No process of this host can open a file or socket any more (ENFILE).",
                  .advice = "Find the process that leaks, or raise fs.file-max."});
  }

  DescriptorUses uses_;
};

// ---- closed-sockets ----

constexpr Threshold kClosed[] = {
    {"count", "sockets", 100, "of one process that are noted"},
    {"share", "%", 10, "of the process's descriptors; a smaller share is not reported"},
    {"many", "sockets", 1000, "of one process: warning"},
    {"limit_share", "%", 50, "of the process's descriptor limit: warning"},
};

class Closed final : public FactCheck {
 public:
  using FactCheck::FactCheck;
  void end_look(const Look& look) override {
    // The kernel counts its TCP sockets, and those with a connection: if the difference is small there is nothing to
    // find, and no need to look at every descriptor. Connections of other namespaces only make it larger.
    const std::uint64_t all = *now(Fact::tcp_alloc);
    const std::uint64_t connected = *now(Fact::tcp_inuse) + now(Fact::tcp6_inuse).value_or(0);
    if (look.closed_sockets == nullptr || static_cast<double>(all) < static_cast<double>(connected) + limit("count"))
      return;
    found_ = look.closed_sockets->find(static_cast<std::uint64_t>(limit("count")));
  }
  void conclude(unsigned, const Look& look, Findings& findings) override {
    if (!found_.cannot.empty()) return findings.could_not_look(found_.cannot);
    for (const ClosedSocketHolder& holder : found_.holders) look_at(holder, look, findings);
    if (found_.denied != 0)
      findings.looked_in_part(fmt::format("no permission to look at {}", counted(found_.denied, "process")));
    if (found_.unread != 0) findings.looked_in_part(counted(found_.unread, "process") + " could not be read");
    if (found_.not_looked_at != 0)
      findings.looked_in_part(counted(found_.not_looked_at, "process") + " with too many descriptors");
  }

 private:
  void look_at(const ClosedSocketHolder& holder, const Look& look, Findings& findings) const {
    const double closed = static_cast<double>(holder.closed);
    if (closed < limit("count") || share_of(holder.closed, holder.descriptors) < limit("share")) return;
    const auto most = look.holders.process(holder.pid).descriptor_limit;
    const bool near_limit = most && share_of(holder.closed, *most) >= limit("limit_share");
    Finding finding{.severity = near_limit || closed >= limit("many") ? Severity::warning : Severity::note,
                    .count = holder.closed,
                    .owner = describe_owner({holder.pid}, 0, look),
                    .values = fmt::format("{} of {} descriptors", holder.closed, holder.descriptors),
                    .measures = {{"closed", holder.closed}, {"descriptors", holder.descriptors}}};
    if (finding.owner.name.empty()) finding.owner.name = holder.comm;
    if (most) finding.values += fmt::format("; the limit is {}", *most);
    findings.add(std::move(finding));
  }

  ClosedSockets found_;
};

constexpr Rule kProcessRules[] = {
    {.id = "descriptors",
     .scope = RuleScope::processes,
     .more_facts = {Fact::file_handles, Fact::file_max},
     .descriptors = true,
     .condition = "open descriptors of a process as a share of its soft RLIMIT_NOFILE, and open files of the host as a "
                  "share of fs.file-max",
     .thresholds = kDescriptors,
     .critical = "the share is reached, and the process cannot raise its limit",
     .warning = "the share is reached, or the critical one by a process that may raise its limit",
     .note = "the share is reached by a process that may raise its limit (hard limit above soft limit)",
     .guard = "small limits are left out; the limit binds the highest descriptor, which can be above the number of "
              "descriptors",
     .meaning = "Calls of accept(2) and open(2) fail with EMFILE; many servers then spin and accept no connection.",
     .advice = "Close what leaks; LimitNOFILE= in the unit, or prlimit --pid PID --nofile=N for the running process.",
     .make = make_check<Descriptors>},
    {.id = "closed-sockets",
     .scope = RuleScope::host,
     .right = RuleRight::ptrace,
     .facts = {Fact::tcp_alloc, Fact::tcp_inuse},
     .more_facts = {Fact::tcp6_inuse},
     .owners = true,
     .processes = {ProcessField::user, ProcessField::workload, ProcessField::limits},
     .condition = "TCP and MPTCP sockets that a process holds and that no table of any network namespace lists: never "
                  "connected, refused, reset or finished",
     .thresholds = kClosed,
     .warning = "many of one process, or limit_share of its descriptors",
     .note = "count of one process that are share of its descriptors",
     .guard = "pools create sockets before they connect (haproxy, the JVM): fewer than count are not reported. Counted "
              "only if every table of every namespace was read whole, and if the kernel's own count says that there "
              "are enough",
     .meaning = "close() is missing on some path, usually after an error. The descriptors of the process run out.",
     .advice = "duostat states --closed lists the processes. ls -l /proc/PID/fd shows the descriptors; ss does not "
               "list such sockets. A restart frees them.",
     .make = make_check<Closed>},
};

}  // namespace

std::span<const Rule> process_rules() { return kProcessRules; }

}  // namespace duostat
