// A Lookup with given names, for tests.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <utility>

#include "src/names/lookup.h"

namespace duostat {

/// Fill the maps; whatever is not in them has no number. `asked` records the names in the order of the questions.
class MapLookup final : public Lookup {
 public:
  std::map<std::pair<std::string, ServiceProtocol>, std::uint16_t> services{
      {{"ssh", ServiceProtocol::tcp}, 22},     {{"http", ServiceProtocol::tcp}, 80},
      {{"https", ServiceProtocol::tcp}, 443},  {{"https", ServiceProtocol::udp}, 443},
      {{"tftp", ServiceProtocol::udp}, 69},    {{"rlogin", ServiceProtocol::tcp}, 513},
      {{"rlogin", ServiceProtocol::udp}, 514},
  };
  std::map<std::string, std::vector<Address>> hosts4{{"one", {{192, 0, 2, 1}}},
                                                     {"two", {{192, 0, 2, 1}, {192, 0, 2, 2}}}};
  std::map<std::string, std::vector<Address>> hosts6{{"two", {{0x20, 1, 0xd, 0xb8}}}};
  std::map<std::string, std::uint32_t> interfaces{{"lo", 1}, {"if1", 1}, {"eth0", 2}};
  std::map<std::string, std::uint32_t> netlink_protocols{{"rtnl", 0}, {"uevent", 15}};
  std::map<std::string, std::uint64_t> cgroups{{"/a", 7}};
  std::vector<std::string> asked;

  std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) override {
    asked.emplace_back(name);
    const auto found = services.find({std::string(name), protocol});
    return found == services.end() ? std::nullopt : std::optional(found->second);
  }
  void host_addresses(std::string_view name, Family family, std::vector<Address>& addresses) override {
    asked.emplace_back(name);
    const auto& hosts = family == Family::inet ? hosts4 : hosts6;
    if (const auto found = hosts.find(std::string(name)); found != hosts.end()) addresses = found->second;
  }
  std::uint32_t interface_index(std::string_view name) override {
    asked.emplace_back(name);
    const auto found = interfaces.find(std::string(name));
    return found == interfaces.end() ? 0 : found->second;
  }
  std::optional<std::uint32_t> netlink_protocol(std::string_view name) override {
    const auto found = netlink_protocols.find(std::string(name));
    return found == netlink_protocols.end() ? std::nullopt : std::optional(found->second);
  }
  CgroupId cgroup_id(std::string_view path) override {
    const auto found = cgroups.find(std::string(path));
    if (found == cgroups.end()) return {std::nullopt, "Failed to get cgroup2 ID: No such file or directory"};
    return {found->second, {}};
  }
};

}  // namespace duostat
