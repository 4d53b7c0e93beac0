// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/shown_host.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "src/collect/dry_run.h"
#include "src/collect/recording.h"
#include "src/rtnl/links.h"

namespace duostat {
namespace {

/// Records in the dry run the sources that words of a filter are looked up in.
class DryRunLookup final : public Lookup {
 public:
  DryRunLookup(std::unique_ptr<Lookup> inner, DryRun& dry_run) : inner_(std::move(inner)), dry_run_(dry_run) {}

  std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) override {
    dry_run_.asks("ports of services in the filter", "getservbyname(3)");
    return inner_->service_port(name, protocol);
  }
  bool is_ambiguous(std::string_view service, ServiceProtocol protocol) override {
    return inner_->is_ambiguous(service, protocol);
  }
  void host_addresses(std::string_view name, Family family, std::vector<Address>& addresses) override {
    dry_run_.asks("addresses of hosts in the filter", "gethostbyname2(3): may query DNS for each name");
    inner_->host_addresses(name, family, addresses);
  }
  std::uint32_t interface_index(std::string_view name) override {
    dry_run_.asks("indices of interfaces in the filter", "if_nametoindex(3): SIOCGIFINDEX");
    return inner_->interface_index(name);
  }
  std::optional<std::uint32_t> user_id(std::string_view name) override {
    dry_run_.asks("ids of users in --where", "getpwnam(3)");
    return inner_->user_id(name);
  }
  std::string user_name(std::uint32_t uid) override {
    dry_run_.asks("names of users in --where", "getpwuid(3)");
    return inner_->user_name(uid);
  }
  std::optional<std::uint32_t> netlink_protocol(std::string_view name) override {
    dry_run_.asks("numbers of netlink protocols in the filter", "the nl_protos file of iproute2");
    return inner_->netlink_protocol(name);
  }
  CgroupId cgroup_id(std::string_view path) override {
    dry_run_.asks("ids of control groups in the filter", "name_to_handle_at(2)");
    return inner_->cgroup_id(path);
  }

 private:
  std::unique_ptr<Lookup> inner_;
  DryRun& dry_run_;
};

}  // namespace

std::unique_ptr<Lookup> lookup_of(const Environment& env, RpcPrograms* rpc) {
  if (env.recorded) return lookup_of(env.recorded);
  auto lookup = make_system_lookup(env.proc, rpc, [&env](std::string_view name) {
    return rtnl::link_by_alternative_name(env.open_transport, name);
  });
  if (env.dry_run == nullptr) return lookup;
  return std::make_unique<DryRunLookup>(std::move(lookup), *env.dry_run);
}

CgroupPaths cgroups_of(const Environment& env) {
  if (env.recorded) return CgroupPaths(env.recorded->cgroups, env.recorded->cgroups_mounted);
  if (env.dry_run == nullptr) return CgroupPaths(env.proc);
  return CgroupPaths(env.proc, [dry_run = env.dry_run](std::string_view mount) {
    dry_run->file(
        mount, false,
        "paths of control groups: open_by_handle_at(2) for each, or a walk over every directory if that is refused");
  });
}

std::unique_ptr<rtnl::InterfaceQuery> interface_query_of(const Environment& env, int& error) {
  error = 0;
  if (DryRun* dry_run = env.dry_run)
    return rtnl::open_interface_ioctls(error, [dry_run](unsigned long what, void* argument) {
      return dry_run->ioctl(what, argument);
    });
  return env.recorded ? interface_query_of(env.recorded) : rtnl::open_interface_ioctls(error);
}

std::uint32_t user_of(const Environment& env) { return env.recorded ? env.recorded->user : ::geteuid(); }

}  // namespace duostat
