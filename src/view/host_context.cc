// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/host_context.h"

#include <charconv>
#include <utility>

#include "src/collect/host.h"
#include "src/collect/namespaces.h"
#include "src/collect/owners.h"
#include "src/collect/shown_host.h"

namespace duostat {
namespace {

/// Since Linux 6.17 the user is a member of struct sock; before, of its inode, which an orphan lacks.
bool orphans_have_uid(std::string_view release) {
  constexpr std::pair kFirst{6u, 17u};
  std::pair<unsigned, unsigned> version{};
  const char* const end = release.data() + release.size();
  const auto [dot, error] = std::from_chars(release.data(), end, version.first);
  if (error != std::errc() || dot == end || *dot != '.') return false;
  return std::from_chars(dot + 1, end, version.second).ec == std::errc() && version >= kFirst;
}

}  // namespace

HostContext::HostContext(Environment& env, ProcessFields processes)
    : env_(env),
      own_(env),
      holders_(env.proc, owners_, processes),
      cgroups_(cgroups_of(env)),
      columns_{env.names, cgroups_, holders_} {}

void HostContext::identify() {
  const Host host = host_of(env_);
  host_ = host.hostname;
  columns_.host = host_;
  columns_.netns = &own_;
  columns_.orphans_have_uid = orphans_have_uid(host.kernel);
}

void HostContext::read_owners(bool threads) {
  owners_ = duostat::read_owners(env_, {.threads = threads});
  coverage_ = owners_.coverage();
  coverage_.may_hide = !sees_every_process(env_.proc);
}

OwnerCoverage HostContext::coverage() const {
  OwnerCoverage coverage = coverage_;
  holders_.account(coverage);
  return coverage;
}

const NetworkNamespace& HostContext::OwnNamespace::get() const {
  if (found_) return *found_;
  std::vector<NetworkNamespace> list = find_network_namespaces(env_.proc).list;
  if (!list.empty() && !list.front().own) list.clear();  // the caller's is first
  name_network_namespaces(env_.proc, list);
  return list.empty() ? found_.emplace() : found_.emplace(std::move(list.front()));
}

}  // namespace duostat
