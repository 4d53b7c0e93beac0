// Answers name lookups of filters and netstat's ioctls from a recorded host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <algorithm>
#include <cerrno>
#include <string_view>
#include <unordered_map>

#include "src/base/error.h"
#include "src/collect/recording.h"

namespace duostat {
namespace {

class RecordedLookup final : public Lookup {
 public:
  explicit RecordedLookup(std::shared_ptr<const Recording> recording)
      : recording_(std::move(recording)), proc_(recording_->proc), system_(make_system_lookup(proc_)) {}

  std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) override {
    for (const auto& [port, service] : recording_->names.services)
      if (port.second == protocol && service == name) return port.first;
    return system_->service_port(name, protocol);
  }

  void host_addresses(std::string_view name, Family family, std::vector<Address>& addresses) override {
    const std::size_t before = addresses.size();
    for (const auto& [key, host] : recording_->names.hosts)
      if (key.first == family && host == name) addresses.push_back(key.second);
    if (addresses.size() == before) system_->host_addresses(name, family, addresses);
  }

  std::uint32_t interface_index(std::string_view name) override {
    for (const auto& [index, known] : recording_->names.interfaces)
      if (known == name) return index;
    return numbered_interface(name);
  }

  std::optional<std::uint32_t> user_id(std::string_view name) override {
    for (const auto& [uid, known] : recording_->names.users)
      if (known == name) return uid;
    return system_->user_id(name);
  }
  std::string user_name(std::uint32_t uid) override {
    const auto at = recording_->names.users.find(uid);
    return at == recording_->names.users.end() ? std::string() : at->second;
  }

  std::optional<std::uint32_t> netlink_protocol(std::string_view name) override {
    return system_->netlink_protocol(name);
  }

  CgroupId cgroup_id(std::string_view path) override {
    if (!recording_->cgroups_mounted) return {std::nullopt, "Failed to find cgroup2 mount"};
    // A path in the recorded file system, or one below its cgroup2 mount point, as on this host.
    int error = 0;
    const std::string mount = cgroup2_mount(proc_.read("mounts", error));
    if (!mount.empty() && path.starts_with(mount)) path.remove_prefix(mount.size());
    const std::string below = "/" + std::string(path.substr(std::min(path.find_first_not_of('/'), path.size())));
    for (const auto& [id, known] : recording_->cgroups)
      if (known == below) return {id, {}};
    return {std::nullopt, "Failed to get cgroup2 ID: " + error_text(ENOENT)};
  }

 private:
  std::shared_ptr<const Recording> recording_;
  ProcDir proc_;
  std::unique_ptr<Lookup> system_;
};

class RecordedInterfaces final : public rtnl::InterfaceQuery {
 public:
  explicit RecordedInterfaces(std::shared_ptr<const Recording> recording) : recording_(std::move(recording)) {
    for (const RecordedInterface& recorded : recording_->interfaces)
      by_name_.emplace(recorded.interface.name, &recorded);
  }

  int names(std::vector<std::string>& names) override {
    if (recording_->interface_names_error != 0) return recording_->interface_names_error;
    names.insert(names.end(), recording_->interface_names.begin(), recording_->interface_names.end());
    return 0;
  }

  /// Keeps what is already known: counters and IPv6 addresses come from other sources.
  int describe(Interface& interface, rtnl::UnreadPart) override {
    const auto at = by_name_.find(interface.name);
    if (at == by_name_.end()) return ENODEV;
    const RecordedInterface& recorded = *at->second;
    if (recorded.error != 0) return recorded.error;
    const Interface& i = recorded.interface;
    interface.flags = i.flags;
    interface.hardware_type = i.hardware_type;
    interface.hardware_address = i.hardware_address;
    interface.hardware_length = i.hardware_length;
    interface.mtu = i.mtu;
    interface.queue_length = i.queue_length;
    interface.map = i.map;
    interface.inet = i.inet;
    return 0;
  }

 private:
  std::shared_ptr<const Recording> recording_;
  std::unordered_map<std::string_view, const RecordedInterface*> by_name_;
};

}  // namespace

std::unique_ptr<Lookup> lookup_of(std::shared_ptr<const Recording> recording) {
  return std::make_unique<RecordedLookup>(std::move(recording));
}

std::unique_ptr<rtnl::InterfaceQuery> interface_query_of(std::shared_ptr<const Recording> recording) {
  return std::make_unique<RecordedInterfaces>(std::move(recording));
}

}  // namespace duostat
