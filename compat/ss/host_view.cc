// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/host_view.h"

#include "src/collect/owners.h"
#include "src/collect/shown_host.h"

namespace duostat::ss {

OwnerIndex owners_of(Environment& env, const Request& request) {
  if (!request.processes) return {};
  OwnerRequest wanted;
  wanted.threads = request.threads;
  wanted.context = request.process_contexts != 0;
  return read_owners(env, wanted);
}

HostView::HostView(View& all, Environment& env)
    : labels(env, all.request, nullptr),
      cgroups(cgroups_of(env)),
      owners(owners_of(env, all.request)),
      view{all.request, env, all.layout, labels, cgroups, owners, all.sockets, all.storages, all.places} {}

}  // namespace duostat::ss
