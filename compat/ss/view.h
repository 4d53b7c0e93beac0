// The state of a listing that the functions for its cells and details share.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>

#include "compat/ss/bpf_storages.h"
#include "compat/ss/labels.h"
#include "compat/ss/layout.h"
#include "compat/ss/options.h"
#include "compat/ss/piece.h"
#include "src/collect/environment.h"
#include "src/model/socket.h"
#include "src/names/cgroup_paths.h"
#include "src/procfs/owners.h"
#include "src/view/socket_view.h"

namespace duostat::ss {

struct View {
  const Request& request;
  Environment& env;
  Layout& layout;
  Labels& labels;
  CgroupPaths& cgroups;
  const OwnerIndex& owners;
  SocketView& sockets;                ///< applies the shared options
  BpfStorages& storages;
  EachPlace* places = nullptr;        ///< not null: `env` is its env(), or that of one recorded host
  std::uint64_t previous_inode = 0;   ///< of the inet row before this one: an SCTP association follows its endpoint
  bool replayed = false;              ///< rows come from a recorded answer, which is shown whole
  bool told_cgroup_failure = false;   ///< reported why a control group has no path
};

/// One item of a row behind the addresses. A table of these, in output order, is what a family shows.
struct Detail {
  LayoutColumn column;                       ///< process or extra
  FieldSet needs;                      ///< what the backend has to be asked for
  bool (*shown)(const Request&);       ///< whether the options ask for it
  void (*print)(View&, const Socket&);
};

}  // namespace duostat::ss
