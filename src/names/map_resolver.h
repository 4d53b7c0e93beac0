// A resolver with given names: for tests and for replayed captures, where this machine's names do not apply.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <utility>

#include "src/names/resolver.h"

namespace duostat {

/// Fill the maps; anything that is not in them has no name.
class MapResolver final : public Resolver {
 public:
  using Port = std::pair<std::uint16_t, ServiceProtocol>;

  std::map<Port, std::string> services, services_last;
  std::map<std::uint32_t, std::string> ip_protocols, users, interfaces;
  std::map<std::pair<Family, Address>, std::string> hosts;
  std::map<Address, std::string> networks;

  std::string_view service(std::uint16_t port, ServiceProtocol protocol) override {
    return find(services, Port(port, protocol));
  }
  std::string_view service_last(std::uint16_t port, ServiceProtocol protocol) override {
    return find(services_last, Port(port, protocol));
  }
  std::string_view ip_protocol(std::uint32_t number) override { return find(ip_protocols, number); }
  std::string_view host(Family family, const Address& address) override {
    return find(hosts, std::pair(family, address));
  }
  std::string_view network(const Address& address) override { return find(networks, address); }
  std::string_view user(std::uint32_t uid) override { return find(users, uid); }
  std::string_view interface(std::uint32_t ifindex) override { return find(interfaces, ifindex); }
  std::uint32_t interface_index(std::string_view name) override {
    for (const auto& [ifindex, its_name] : interfaces)
      if (its_name == name) return ifindex;
    return 0;
  }

 private:
  template <class Map>
  static std::string_view find(const Map& map, const typename Map::key_type& key) {
    const auto at = map.find(key);
    return at == map.end() ? std::string_view() : std::string_view(at->second);
  }
};

}  // namespace duostat
