// Name lookup for filters in the running system.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/lookup.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstring>

#include "src/base/cursor.h"
#include "src/base/error.h"
#include "src/names/cgroup_paths.h"
#include "src/names/common_services.h"
#include "src/names/netlink_protocols.h"
#include "src/names/users.h"

namespace duostat {
namespace {

constexpr const char* service_word(ServiceProtocol protocol) {
  switch (protocol) {
    case ServiceProtocol::tcp:
      return "tcp";
    case ServiceProtocol::udp:
      return "udp";
    case ServiceProtocol::dccp:
      return "dccp";
    case ServiceProtocol::sctp:
      return "sctp";
    case ServiceProtocol::any:
      break;
  }
  return nullptr;
}

bool is_absent(const char* path) { return ::access(path, F_OK) != 0 && errno == ENOENT; }

Address loopback(Family family) {
  Address address{};
  if (family == Family::inet6) address[15] = 1;
  else address[0] = 127, address[3] = 1;
  return address;
}

class SystemLookup final : public Lookup {
 public:
  SystemLookup(const ProcDir& proc, RpcPrograms* rpc, LongInterfaceName long_name)
      : proc_(proc), rpc_(rpc), long_name_(std::move(long_name)) {}

  std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) override {
    const servent* entry = getservbyname(std::string(name).c_str(), service_word(protocol));
    if (entry == nullptr && rpc_ != nullptr)
      if (const auto port = rpc_->port(name, protocol)) return port;
    // quirk: common-services
    if (entry == nullptr && is_absent("/etc/services")) return common_service_port(name, protocol);
    if (entry == nullptr) return std::nullopt;
    return ntohs(static_cast<std::uint16_t>(entry->s_port));
  }

  bool is_ambiguous(std::string_view service, ServiceProtocol protocol) override {
    return rpc_ != nullptr && rpc_->is_ambiguous(service, protocol);
  }

  void host_addresses(std::string_view name, Family family, std::vector<Address>& addresses) override {
    const hostent* entry = gethostbyname2(std::string(name).c_str(), family == Family::inet6 ? AF_INET6 : AF_INET);
    // quirk: common-services
    if (entry == nullptr && name == "localhost" && is_absent("/etc/hosts")) addresses.push_back(loopback(family));
    if (entry == nullptr) return;
    for (char** item = entry->h_addr_list; *item != nullptr; ++item) {
      Address address{};
      std::memcpy(address.data(), *item, static_cast<std::size_t>(entry->h_length));
      addresses.push_back(address);
    }
  }

  std::optional<std::uint32_t> user_id(std::string_view name) override {
    const passwd* entry = getpwnam(std::string(name).c_str());
    return entry == nullptr ? std::nullopt : std::optional(entry->pw_uid);
  }
  std::string user_name(std::uint32_t uid) override { return users_.name(uid); }

  std::uint32_t interface_index(std::string_view name) override {
    // The kernel also finds alternative names.
    if (long_name_ && name.size() >= IF_NAMESIZE)
      if (const std::uint32_t index = long_name_(name); index != 0) return index;
    if (const unsigned index = if_nametoindex(std::string(name).c_str()); index != 0) return index;
    return numbered_interface(name);
  }

  std::optional<std::uint32_t> netlink_protocol(std::string_view name) override {
    if (!netlink_protocols_) netlink_protocols_ = NetlinkProtocols::of_system();
    return netlink_protocols_->number(name);
  }

  CgroupId cgroup_id(std::string_view path) override {
    CgroupHandle handle = cgroup_handle(AT_FDCWD, std::string(path).c_str(), 0);
    if (handle.error != 0) {
      int error = 0;
      // quirk: proc-root-mounts
      const std::string mount = cgroup2_mount(proc_.read("mounts", error));
      if (mount.empty()) return {std::nullopt, "Failed to find cgroup2 mount"};
      const std::string_view below = path.substr(std::min(path.find_first_not_of('/'), path.size()));
      const std::string full = mount + "/" + std::string(below);
      if (full.size() >= PATH_MAX) return {std::nullopt, "Invalid cgroup2 path"};
      handle = cgroup_handle(AT_FDCWD, full.c_str(), 0);
      if (handle.error != 0) return {std::nullopt, "Failed to get cgroup2 ID: " + error_text(handle.error)};
    }
    if (!handle.has_id) return {std::nullopt, "Invalid size of cgroup2 ID"};
    return {handle.id, {}};
  }

 private:
  const ProcDir& proc_;
  RpcPrograms* rpc_;
  LongInterfaceName long_name_;
  std::optional<NetlinkProtocols> netlink_protocols_;
  Users users_;
};

}  // namespace

std::uint32_t numbered_interface(std::string_view name) {
  if (!name.starts_with("if")) return 0;
  Cursor cursor(name.substr(2));
  std::uint64_t index = 0;
  return cursor.dec(index) ? static_cast<std::uint32_t>(index) : 0;
}

std::unique_ptr<Lookup> make_system_lookup(const ProcDir& proc, RpcPrograms* rpc, LongInterfaceName long_name) {
  return std::make_unique<SystemLookup>(proc, rpc, std::move(long_name));
}

}  // namespace duostat
