// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/shown_host.h"

#include <unistd.h>

#include <utility>

#include "src/collect/recording.h"
#include "src/collect/witness.h"
#include "src/rtnl/links.h"

namespace duostat {

std::unique_ptr<Lookup> lookup_of(const Environment& env, RpcPrograms* rpc) {
  if (env.recorded) return lookup_of(env.recorded);
  return make_system_lookup(env.proc, rpc, [&env](std::string_view name) {
    return rtnl::link_by_alternative_name(env.open_transport, name);
  });
}

CgroupPaths cgroups_of(const Environment& env) {
  return env.recorded ? CgroupPaths(env.recorded->cgroups, env.recorded->cgroups_mounted) : CgroupPaths(env.proc);
}

std::unique_ptr<rtnl::InterfaceQuery> interface_query_of(const Environment& env, int& error) {
  error = 0;
  if (Witness* witness = env.witness)
    return rtnl::open_interface_ioctls(error, [witness](unsigned long what, void* argument) {
      return witness->ioctl(what, argument);
    });
  return env.recorded ? interface_query_of(env.recorded) : rtnl::open_interface_ioctls(error);
}

std::uint32_t user_of(const Environment& env) { return env.recorded ? env.recorded->user : ::geteuid(); }

}  // namespace duostat
