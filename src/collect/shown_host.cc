// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/shown_host.h"

#include <unistd.h>

#include <utility>
#include <vector>

#include "src/collect/recording.h"
#include "src/collect/witness.h"
#include "src/rtnl/links.h"

namespace duostat {
namespace {

/// Tells the witness what the words of a filter are looked up in.
class WitnessedLookup final : public Lookup {
 public:
  WitnessedLookup(std::unique_ptr<Lookup> inner, Witness& witness) : inner_(std::move(inner)), witness_(witness) {}

  std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) override {
    witness_.asks("ports of services in the filter", "getservbyname(3)");
    return inner_->service_port(name, protocol);
  }
  bool is_ambiguous(std::string_view service, ServiceProtocol protocol) override {
    return inner_->is_ambiguous(service, protocol);
  }
  void host_addresses(std::string_view name, Family family, std::vector<Address>& addresses) override {
    witness_.asks("addresses of hosts in the filter", "gethostbyname2(3): may query DNS for each name");
    inner_->host_addresses(name, family, addresses);
  }
  std::uint32_t interface_index(std::string_view name) override {
    witness_.asks("indices of interfaces in the filter", "if_nametoindex(3): SIOCGIFINDEX");
    return inner_->interface_index(name);
  }
  std::optional<std::uint32_t> netlink_protocol(std::string_view name) override {
    witness_.asks("numbers of netlink protocols in the filter", "the nl_protos file of iproute2");
    return inner_->netlink_protocol(name);
  }
  CgroupId cgroup_id(std::string_view path) override {
    witness_.asks("ids of control groups in the filter", "name_to_handle_at(2)");
    return inner_->cgroup_id(path);
  }

 private:
  std::unique_ptr<Lookup> inner_;
  Witness& witness_;
};

}  // namespace

std::unique_ptr<Lookup> lookup_of(const Environment& env, RpcPrograms* rpc) {
  if (env.recorded) return lookup_of(env.recorded);
  auto lookup = make_system_lookup(env.proc, rpc, [&env](std::string_view name) {
    return rtnl::link_by_alternative_name(env.open_transport, name);
  });
  if (env.witness == nullptr) return lookup;
  return std::make_unique<WitnessedLookup>(std::move(lookup), *env.witness);
}

CgroupPaths cgroups_of(const Environment& env) {
  if (env.recorded) return CgroupPaths(env.recorded->cgroups, env.recorded->cgroups_mounted);
  if (env.witness == nullptr) return CgroupPaths(env.proc);
  return CgroupPaths(env.proc, [witness = env.witness](std::string_view mount) {
    witness->file(mount, false,
                  "paths of control groups: open_by_handle_at(2) for each, or a walk over every directory if that is refused");
  });
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
