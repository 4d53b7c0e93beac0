// The host that is shown, this one or a recorded one, where a front end needs more of it than the environment has at hand.
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

/// What a filter's words stand for; with `rpc`, names of RPC programs too. `env` and `rpc` must outlive the result.
std::unique_ptr<Lookup> lookup_of(const Environment& env, RpcPrograms* rpc);
/// `env` must outlive the result.
CgroupPaths cgroups_of(const Environment& env);
/// Null and errno if there is none to be had. With a dry_run: what tells it.
std::unique_ptr<rtnl::InterfaceQuery> interface_query_of(const Environment& env, int& error);
/// Effective user id of who looks, or looked.
std::uint32_t user_of(const Environment& env);

}  // namespace duostat
