// The looks of an audit: reads facts, owners and sockets of the shown host, and lets the rules see them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/collect/sockets.h"
#include "src/insight/audit.h"
#include "src/insight/baseline.h"
#include "src/insight/look_observer.h"
#include "src/procfs/owners.h"

namespace duostat::command {

struct AuditPlan {
  const std::vector<ChosenRule>& rules;
  std::size_t evidence = 5;      ///< sockets for each finding
  std::int64_t interval_ns = 0;  ///< between two looks; 0: one look
  Via via = Via::automatic;
  const Baseline* baseline = nullptr;  ///< of --baseline
  const OwnerIndex* owners = nullptr;  ///< not null: the processes have been scanned, with their names
  LookObserver* observer = nullptr;    ///< sees the sockets of the first look; may be null
};

struct AuditAnswer {
  std::vector<Finding> findings;  ///< the worst first
  std::vector<NotLooked> not_looked;
  std::vector<std::string> remarks;  ///< about owners that could not be read
  std::vector<TableAnswer> incomplete;  ///< tables with missing rows
  unsigned looks = 0;
};

/// Looks once or twice. A signal (SIGINT, SIGTERM, SIGHUP) between the looks ends the audit with what was found. Does
/// not throw for a source that fails.
AuditAnswer run_audit(Environment& env, const AuditPlan& plan);

}  // namespace duostat::command
