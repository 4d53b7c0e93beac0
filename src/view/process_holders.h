// The processes that hold sockets, for columns and rules: owners from an index, with the properties of each process.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/procfs/owners.h"
#include "src/procfs/process.h"
#include "src/render/column.h"

namespace duostat {

class ProcessHolders final : public Holders {
 public:
  /// `owners` and `proc` must outlive the object; an index without entries knows no owner. `fields`: what process()
  /// reads.
  ProcessHolders(const ProcDir& proc, const OwnerIndex& owners, ProcessFields fields)
      : owners_(owners), processes_(proc, fields) {}

  void each(std::uint64_t inode, FunctionRef<bool(const Owner&)> visit) const override { owners_.each(inode, visit); }
  Owner first(std::uint64_t inode) const override { return owners_.first(inode); }
  const Process& process(std::uint32_t pid) const override { return processes_.of(pid); }

  /// Adds the processes that process() could not read to what is known of the owners.
  void account(OwnerCoverage& coverage) const {
    coverage.details_unread = processes_.unread();
    coverage.details_error = processes_.unread_error();
  }

 private:
  const OwnerIndex& owners_;
  mutable Processes processes_;
};

}  // namespace duostat
