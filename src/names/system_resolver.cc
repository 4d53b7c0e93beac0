// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/names/system_resolver.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#if __has_include(<nss.h>)
#include <nss.h>
#endif

#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/names/rpc_programs.h"
#include "src/names/services.h"
#include "src/names/users.h"

namespace duostat {
namespace {

std::string ask_ip_protocol(std::uint32_t number) {
#ifndef __GLIBC__
  // musl's getprotobynumber(3) knows a list of its own and never reads the file.
  int error = 0;
  const std::string file = ProcDir("/etc").read("protocols", error);
  if (error == 0) return std::string(name_of_number(file, number));
#endif
  const protoent* entry = getprotobynumber(static_cast<int>(number));
  return entry == nullptr ? std::string() : entry->p_name;
}

std::string ask_host(Family family, const Address& address) {
  const bool v4 = family == Family::inet;
  if (!v4 && family != Family::inet6) return {};
#ifndef __GLIBC__
  // glibc has no name for IPv4 addresses in IPv6 sockets and for "::"; musl finds that of the IPv4 address, and "::".
  in6_addr bytes{};
  std::memcpy(&bytes, address.data(), sizeof bytes);
  if (!v4 && (IN6_IS_ADDR_V4MAPPED(&bytes) || IN6_IS_ADDR_UNSPECIFIED(&bytes))) return {};
#endif
  const hostent* entry = gethostbyaddr(address.data(), v4 ? 4 : 16, v4 ? AF_INET : AF_INET6);
  return entry == nullptr || entry->h_name == nullptr ? std::string() : entry->h_name;
}

std::string ask_network(const Address& address) {
  in_addr number{};
  std::memcpy(&number, address.data(), sizeof number);
  const netent* entry = getnetbyaddr(ntohl(number.s_addr), AF_INET);
  return entry == nullptr || entry->n_name == nullptr ? std::string() : entry->n_name;
}

std::string ask_interface(std::uint32_t ifindex) {
  char name[IF_NAMESIZE] = "";
  return if_indextoname(ifindex, name) == nullptr ? std::string() : name;
}

class SystemResolver final : public Resolver {
 public:
  explicit SystemResolver(bool common_services) : services_(common_services) {}
  std::string_view service(std::uint16_t port, ServiceProtocol protocol) override {
    return services_.first(port, protocol);
  }
  std::string_view service_last(std::uint16_t port, ServiceProtocol protocol) override {
    return services_.last(port, protocol);
  }
  std::string_view ip_protocol(std::uint32_t number) override {
    return remember(ip_protocols_, number, [&] { return ask_ip_protocol(number); });
  }
  std::string_view host(Family family, const Address& address) override {
    return remember(hosts_, std::pair(family, address), [&] { return ask_host(family, address); });
  }
  std::string_view network(const Address& address) override {
    return remember(networks_, address, [&] { return ask_network(address); });
  }
  std::string_view user(std::uint32_t uid) override {
    return remember(users_, uid, [&] { return users_of_system_.name(uid); });
  }
  std::string_view interface(std::uint32_t ifindex) override {
    return remember(interfaces_, ifindex, [&] { return ask_interface(ifindex); });
  }
  std::uint32_t interface_index(std::string_view name) override {
    if (const auto at = interface_indices_.find(name); at != interface_indices_.end()) return at->second;
    std::string copy(name);
    const std::uint32_t ifindex = if_nametoindex(copy.c_str());
    return interface_indices_.emplace(std::move(copy), ifindex).first->second;
  }

 private:
  using ByNumber = std::unordered_map<std::uint32_t, std::string>;

  /// Returns the cached name for `key`, and looks it up only the first time. The nodes of both map types never move.
  template <class Map, class Ask>
  static std::string_view remember(Map& map, const typename Map::key_type& key, Ask ask) {
    const auto [at, fresh] = map.try_emplace(key);
    if (fresh) at->second = ask();
    return at->second;
  }

  Services services_;
  Users users_of_system_;
  ByNumber ip_protocols_, users_, interfaces_;
  std::map<std::pair<Family, Address>, std::string> hosts_;
  std::map<Address, std::string> networks_;
  std::map<std::string, std::uint32_t, std::less<>> interface_indices_;
};

}  // namespace

void find_hosts_in_files_only() {
#if __has_include(<nss.h>)
  ::__nss_configure_lookup("hosts", "files");
#endif
}

std::unique_ptr<Resolver> make_system_resolver(bool common_services) {
  return std::make_unique<SystemResolver>(common_services);
}

}  // namespace duostat
