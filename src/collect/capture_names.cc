// Records the names of users, services, hosts, interfaces and control groups that the recorded sockets, routes and
// groups refer to.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <arpa/inet.h>

#include <cerrno>
#include <memory>

#include "src/base/cursor.h"
#include "src/collect/capture_parts.h"
#include "src/model/sctp_addresses.h"
#include "src/names/system_resolver.h"
#include "src/procfs/dev.h"
#include "src/procfs/igmp.h"
#include "src/procfs/ipv6_route.h"
#include "src/procfs/masquerade.h"
#include "src/procfs/procfs_backend.h"
#include "src/procfs/route.h"
#include "src/procfs/sctp_tables.h"

namespace duostat::capture {
namespace {

constexpr ServiceProtocol kServiceProtocols[] = {ServiceProtocol::any, ServiceProtocol::tcp, ServiceProtocol::udp,
                                                 ServiceProtocol::dccp, ServiceProtocol::sctp};
constexpr Address kNoAddress{};

/// Collects the addresses in a file such as hosts(5) or networks(5).
std::set<Address> addresses_in(std::string_view text) {
  std::set<Address> found;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    Cursor cursor(line.substr(0, line.find('#')));
    for (std::string_view word; cursor.word(word);) {
      Address address{};
      const std::string copy(word);
      if (::inet_pton(AF_INET, copy.c_str(), address.data()) == 1 ||
          ::inet_pton(AF_INET6, copy.c_str(), address.data()) == 1)
        found.insert(address);
    }
  }
  return found;
}

void note_sctp(const SctpRow& row, Seen& seen) {
  seen.users.insert(row.uid);
  for (const std::uint32_t port : {row.local_port, row.remote_port})
    seen.ports.insert(static_cast<std::uint16_t>(port));
  Family family{};
  Address address{};
  for (std::string_view list : {row.local, row.remote})
    while (next_sctp_address(list, family, address)) seen.note_host(family, address);
}

/// Writes names to the capture. Unknown (empty) names are skipped.
class NameRecorder {
 public:
  explicit NameRecorder(Writer& writer) : writer_(writer) {}
  void add(NameKind kind, std::uint32_t qualifier, std::uint64_t number, const Address& address,
           std::string_view name) {
    if (!name.empty()) writer_.add(Type::name, name_payload(kind, qualifier, number, address, name));
  }
  void numbered(NameKind kind, std::uint64_t number, std::string_view name) { add(kind, 0, number, kNoAddress, name); }

 private:
  Writer& writer_;
};

}  // namespace

void Seen::note_host(Family family, const Address& address) {
  if (is_unspecified(address)) return;
  hosts.emplace(family, address);
  if (family == Family::inet6 && is_v4_mapped(address)) hosts.emplace(Family::inet, unmapped(address));
}

void Seen::note(const Socket& socket) {
  if (socket.has(Field::uid)) users.insert(socket.uid);
  if (socket.has(Field::cgroup)) cgroups.insert(socket.cgroup_id);
  if (socket.ifindex != 0) interfaces.insert(socket.ifindex);
  if (socket.family != Family::inet && socket.family != Family::inet6) return;
  for (const Endpoint* end : {&socket.local, &socket.remote}) {
    ports.insert(static_cast<std::uint16_t>(end->port));
    ip_protocols.insert(end->port);
    note_host(end->family, end->address);
  }
  if (socket.protocol != Protocol::sctp || socket.inet == nullptr) return;
  for (const Bytes list : {socket.inet->local_addresses, socket.inet->peer_addresses})
    each_sctp_address(list, [&](const Endpoint& end) { note_host(end.family, end.address); });
}

void record_interfaces(Writer& writer, Seen& seen, CaptureSummary& summary) {
  int error = 0;
  const auto query = rtnl::open_interface_ioctls(error);
  std::vector<std::string> names;
  if (query != nullptr) error = query->names(names);
  Payload payload;
  payload.u32(static_cast<std::uint32_t>(error));
  for (const std::string& name : names) payload.text(name), seen.interface_names.insert(name);
  writer.add(Type::interface_names, payload);
  if (error != 0 && error != EAFNOSUPPORT) {
    Coverage& problem = summary.problems.emplace_back();
    problem.error = error;
    problem.operation = query == nullptr ? Operation::open : Operation::ioctl;
    problem.object = query == nullptr ? "socket" : "SIOCGIFCONF";
  }
  if (query == nullptr) return;
  for (const std::string& name : seen.interface_names) {
    Interface interface;
    interface.name = name;
    const auto unread = [&](std::string_view request, int code) {
      Coverage& problem = summary.problems.emplace_back();
      problem.error = code;
      problem.operation = Operation::ioctl;
      problem.object = std::string(request).append(" ").append(name);
    };
    const int failure = query->describe(interface, unread);
    writer.add(Type::interface, interface_payload(interface, failure));
  }
}

void see_files(const ProcDir& proc, Seen& seen) {
  ProcfsBackend backend(proc);
  for (const ProtocolRow& row : kProtocols) {
    Query query;
    query.protocols = {row.protocol};
    query.states = ~StateMask{0};
    query.wanted = ProcfsBackend::knows(row.protocol);
    if (query.wanted.empty()) continue;
    backend.collect(query, [&](std::span<const Socket> batch) {
      for (const Socket& socket : batch) seen.note(socket);
      return true;
    });
  }
  std::vector<Route> routes;
  std::vector<Route> cached;
  read_routes(proc, routes);
  read_ipv6_routes(proc, routes);
  read_route_cache(proc, cached);
  for (const Route& route : cached) {
    routes.push_back(route);
    seen.note_host(route.family, route.cache->source);
    seen.note_host(route.family, route.cache->specific_destination);
  }
  for (const Route& route : routes) {
    seen.note_host(route.family, route.destination);
    seen.note_host(route.family, route.gateway);
    seen.networks.insert(route.destination);
  }
  std::vector<MulticastGroup> groups;
  std::vector<unsigned long> rejected;
  for (const Family family : {Family::inet, Family::inet6}) read_multicast_groups(proc, family, groups, rejected);
  for (const MulticastGroup& group : groups) seen.note_host(group.family, group.group);
  std::vector<MasqueradedConnection> connections;
  read_masquerade(proc, connections);
  read_conntrack(proc, connections);
  for (const MasqueradedConnection& c : connections) {
    for (const Address* address : {&c.source, &c.destination}) seen.note_host(Family::inet, *address);
    for (const std::uint16_t port : {c.source_port, c.destination_port, c.masqueraded_port}) seen.ports.insert(port);
  }
  std::vector<Interface> interfaces;
  read_interfaces(proc, interfaces);
  for (const Interface& i : interfaces) seen.interface_names.insert(i.name);
  for (const bool associations : {false, true})
    read_sctp_table(proc, associations, [&](const SctpRow& row) { note_sctp(row, seen); });
}

void record_names(Environment& env, const Seen& seen, CgroupPaths& cgroups, bool resolve, Writer& writer) {
  NameRecorder names(writer);
  for (const std::uint32_t uid : seen.users) names.numbered(NameKind::user, uid, env.names.user(uid));
  for (const std::uint32_t index : seen.interfaces)
    names.numbered(NameKind::interface, index, env.names.interface(index));
  constexpr std::uint32_t kIpProtocols = 256;
  for (const std::uint32_t number : seen.ip_protocols)
    if (number < kIpProtocols) names.numbered(NameKind::ip_protocol, number, env.names.ip_protocol(number));
  for (const std::uint16_t port : seen.ports) {
    for (const ServiceProtocol protocol : kServiceProtocols) {
      const auto qualifier = static_cast<std::uint32_t>(protocol);
      names.add(NameKind::service, qualifier, port, kNoAddress, env.names.service(port, protocol));
      names.add(NameKind::service_last, qualifier, port, kNoAddress, env.names.service_last(port, protocol));
    }
  }
  int error = 0;
  const ProcDir etc("/etc");
  const std::set<Address> hosts = addresses_in(etc.read("hosts", error));
  const auto add_host = [&](Family family, const Address& address) {
    names.add(NameKind::host, static_cast<std::uint32_t>(family), 0, address, env.names.host(family, address));
  };
  for (const auto& [family, address] : seen.hosts)
    if (resolve || hosts.contains(address)) add_host(family, address);
  if (!resolve) {
    // Some C libraries find a v4-mapped address by the line of its IPv4 address (glibc 2.41 does, 2.36 does not); the
    // others must not ask a server for it.
    find_hosts_in_files_only();
    for (const auto& [family, address] : seen.hosts)
      if (family == Family::inet6 && is_v4_mapped(address) && hosts.contains(unmapped(address)))
        add_host(family, address);
  }
  const std::set<Address> networks = addresses_in(etc.read("networks", error));
  for (const Address& address : seen.networks)
    if (resolve || networks.contains(address)) names.add(NameKind::network, 0, 0, address, env.names.network(address));
  for (const std::uint64_t id : seen.cgroups) names.numbered(NameKind::cgroup, id, cgroups.path(id));
}

}  // namespace duostat::capture
