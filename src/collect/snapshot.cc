// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/snapshot.h"

#include <cerrno>
#include <utility>

#include "src/base/error.h"
#include "src/collect/facts.h"
#include "src/collect/host.h"
#include "src/collect/listeners.h"
#include "src/collect/owners.h"
#include "src/collect/sockets.h"
#include "src/model/unix_name.h"
#include "src/procfs/dev.h"
#include "src/procfs/ipv6_route.h"
#include "src/procfs/route.h"
#include "src/procfs/snmp.h"
#include "src/rtnl/links.h"

namespace duostat {
namespace {

class SnapshotReader {
 public:
  SnapshotReader(Environment& env, Via via) : env_(env), via_(via) {}

  Snapshot all(SubjectSet subjects) {
    identify();
    const auto wanted = [&](Subject s) { return subjects.test(static_cast<std::size_t>(s)); };
    if (wanted(Subject::socket) || wanted(Subject::listener)) owners_ = read_owners(env_, {});
    if (wanted(Subject::socket)) sockets();
    if (wanted(Subject::listener)) listeners();
    if (wanted(Subject::route)) routes();
    if (wanted(Subject::interface)) interfaces();
    if (wanted(Subject::counter)) counters();
    if (owners_.coverage().lost()) problem("owners", reasons(owners_.coverage()));
    return std::move(taken_);
  }

 private:
  void problem(std::string_view object, std::string error) {
    for (const Snapshot::Problem& p : taken_.problems)
      if (p.object == object && p.error == error) return;
    taken_.problems.push_back({std::string(object), std::move(error)});
  }
  void problem(const Coverage& c) {
    if (c.error != 0)
      problem(c.object, error_text(c.error));
    else if (c.malformed + c.truncated != 0)
      problem(c.object, std::to_string(c.malformed + c.truncated) + " rows lost");
    else if (c.interrupted)
      problem(c.object, "it changed while it was read");
  }
  void problems(const std::vector<TableAnswer>& answers) {
    for (const TableAnswer& a : answers)
      if (a.missing) problem(a.name, why_missing(a));
  }

  void identify() {
    const Host host = host_of(env_);
    taken_.hostname = host.hostname;
    taken_.netns = host.netns;
    taken_.wall_ns = wall_time_ns(env_);
    constexpr std::int64_t kMillisecond = 1'000'000;
    if (const auto up = uptime_ms(env_.proc))
      taken_.boot_ns = taken_.wall_ns - static_cast<std::int64_t>(*up) * kMillisecond;
  }

  /// A row of the listeners stands for it.
  static bool is_listener(const Socket& s) {
    if (!kListenerProtocols.has(s.protocol)) return false;
    return s.protocol == Protocol::udp ? s.state == State::close && s.local.port != 0 : s.state == State::listen;
  }

  void sockets() {
    SocketRequest request;
    for (const ProtocolRow& row : kProtocols)
      if (row.protocol != Protocol::netlink) request.protocols.add(row.protocol);
    request.wanted = {Field::queues, Field::inode, Field::cookie, Field::interface, Field::unix_name};
    std::string scratch;
    problems(each_socket(env_, via_, request, [&](const Socket& s) {
      if (is_listener(s)) return;
      SnapshotSocket& kept = taken_.sockets.emplace_back();
      kept.protocol = s.protocol;
      kept.family = s.family;
      kept.state = s.state;
      if (s.has(Field::cookie)) kept.cookie = s.cookie;
      if (s.has(Field::inode)) kept.inode = s.inode;
      kept.local = s.local;
      kept.remote = s.remote;
      kept.ifindex = s.ifindex;
      if (s.has(Field::queues)) kept.rqueue = s.rqueue, kept.wqueue = s.wqueue;
      if (s.unix_domain != nullptr) kept.name = shown_name(*s.unix_domain, scratch);
      if (kept.inode == 0) return;
      const Owner owner = owners_.first(kept.inode);
      kept.pid = owner.pid;
      kept.process = owner.comm;
    }));
  }

  void listeners() {
    Listeners found = read_listeners(env_, via_, {.names = false, .owners = &owners_});
    problems(found.answers);
    taken_.listeners = std::move(found.list);
    const Facts facts = read_facts(env_.proc, {Fact::local_port_low, Fact::local_port_high});
    const auto low = facts.get(Fact::local_port_low), high = facts.get(Fact::local_port_high);
    if (low && high) taken_.ephemeral = {static_cast<std::uint32_t>(*low), static_cast<std::uint32_t>(*high)};
  }

  void routes() {
    problem(read_routes(env_.proc, taken_.routes));
    Coverage six = read_ipv6_routes(env_.proc, taken_.routes);
    if (six.error != ENOENT) problem(six);  // a kernel without IPv6
    std::erase_if(taken_.routes, [](const Route& r) {
      constexpr std::uint32_t kOwn = kRouteLocal | kRouteCache | kRouteAnycast;
      return r.family == Family::inet ? (r.flags & kRouteUp) == 0 : (r.flags & kOwn) != 0;
    });
  }

  void interfaces() {
    Coverage coverage;
    if (via_ != Via::procfs) {
      coverage = rtnl::read_interfaces(env_.open_transport, taken_.interfaces);
      if (coverage.error == 0) return problem(coverage);
      problem(coverage);  // the file has neither addresses nor flags
      taken_.interfaces.clear();
    }
    problem(read_interfaces(env_.proc, taken_.interfaces));
  }

  void counters() {
    for (const std::string_view file : {kSnmpFile, kNetstatFile})
      problem(read_counter_pairs(env_.proc, file, taken_.counters));
    for (const Coverage& c :
         {read_counters6(env_.proc, taken_.counters), read_sctp_counters(env_.proc, taken_.counters)})
      if (c.error != ENOENT) problem(c);
  }

  Environment& env_;
  Via via_;
  OwnerIndex owners_;
  Snapshot taken_;
};

}  // namespace

Snapshot read_snapshot(Environment& env, Via via, SubjectSet subjects) {
  return SnapshotReader(env, via).all(subjects);
}

}  // namespace duostat
