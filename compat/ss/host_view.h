// What the rows of one of several recorded hosts are printed with: its own names, control groups and processes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss/labels.h"
#include "compat/ss/view.h"
#include "src/collect/environment.h"
#include "src/names/cgroup_paths.h"
#include "src/procfs/owners.h"

namespace duostat::ss {

/// The processes that hold sockets, if a column shows them.
OwnerIndex owners_of(Environment& env, const Request& request);

struct HostView {
  /// `all`: the view of the whole listing. `env`: of the host. Both must outlive the object.
  HostView(View& all, Environment& env);
  HostView(const HostView&) = delete;
  HostView& operator=(const HostView&) = delete;

  Labels labels;
  CgroupPaths cgroups;
  OwnerIndex owners;
  View view;
};

}  // namespace duostat::ss
