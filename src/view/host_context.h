// What the columns of a socket need of the host that it is on: names, owners, control groups, the network namespace.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

#include "src/collect/environment.h"
#include "src/procfs/owners.h"
#include "src/render/column.h"
#include "src/view/process_holders.h"

namespace duostat {

class HostContext {
 public:
  /// `env` must outlive the object. `processes`: the properties of processes that columns show. Reads nothing of /proc
  /// before a column asks, but for read_owners().
  HostContext(Environment& env, ProcessFields processes);
  HostContext(const HostContext&) = delete;
  HostContext& operator=(const HostContext&) = delete;

  /// Asks the host for its name and its kernel.
  void identify();
  void read_owners(bool threads);

  ColumnContext& columns() { return columns_; }
  const OwnerIndex& owners() const { return owners_; }
  /// Of read_owners(), with the processes that columns could not read since.
  OwnerCoverage coverage() const;

 private:
  /// The caller's namespace, which is looked for when a column asks.
  class OwnNamespace final : public ListedNamespace {
   public:
    explicit OwnNamespace(const Environment& env) : env_(env) {}
    const NetworkNamespace& get() const override;

   private:
    const Environment& env_;
    mutable std::optional<NetworkNamespace> found_;
  };

  Environment& env_;
  OwnNamespace own_;
  OwnerIndex owners_;
  OwnerCoverage coverage_;
  ProcessHolders holders_;
  CgroupPaths cgroups_;
  std::string host_;
  ColumnContext columns_;
};

}  // namespace duostat
