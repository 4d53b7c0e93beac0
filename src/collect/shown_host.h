// Access to the shown host, this one or a recorded one, beyond what the environment contains.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>

#include "src/collect/environment.h"
#include "src/names/cgroup_paths.h"
#include "src/names/lookup.h"
#include "src/rtnl/interface_query.h"

namespace duostat {

/// Lookup for the words of a filter; with `rpc`, also names of RPC programs. `env` and `rpc` must outlive the result.
std::unique_ptr<Lookup> lookup_of(const Environment& env, RpcPrograms* rpc);
/// `env` must outlive the result.
CgroupPaths cgroups_of(const Environment& env);
/// nullptr with `error` set on failure; a recording stub in a dry run.
std::unique_ptr<rtnl::InterfaceQuery> interface_query_of(const Environment& env, int& error);
/// Effective uid of the current user, or of the user who recorded.
std::uint32_t user_of(const Environment& env);

}  // namespace duostat
