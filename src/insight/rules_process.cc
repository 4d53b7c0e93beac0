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

constexpr Rule kRows[] = {
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
     .meaning = "Calls of accept(2) and open(2) fail with EMFILE; many servers then spin and accept nobody.",
     .advice = "Close what leaks; LimitNOFILE= in the unit, or prlimit --pid PID --nofile=N for the running process.",
     .make = make_check<Descriptors>},
};

}  // namespace

std::span<const Rule> process_rules() { return kRows; }

}  // namespace duostat
