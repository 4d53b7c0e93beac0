// Made-up hosts for the rules of an audit: sockets, processes and facts of one or two looks.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <arpa/inet.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/insight/audit.h"
#include "src/insight/look_observer.h"
#include "src/insight/rules.h"
#include "tests/insight/sample.h"

namespace duostat::test {

/// For the ages and timers of sockets.
inline constexpr std::uint32_t kSecondMs = 1000, kMinuteMs = 60 * kSecondMs, kHourMs = 60 * kMinuteMs;

/// "10.0.0.1:80", "[::1]:80", "*:80", "[::]:80".
inline Endpoint endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  Endpoint end;
  end.port = static_cast<std::uint32_t>(std::stoul(text.substr(colon + 1)));
  std::string address = text.substr(0, colon);
  end.family = address.front() == '[' ? Family::inet6 : Family::inet;
  if (end.family == Family::inet6) address = address.substr(1, address.size() - 2);
  if (address == "*") address = "0.0.0.0";
  const int family = end.family == Family::inet6 ? AF_INET6 : AF_INET;
  if (inet_pton(family, address.c_str(), end.address.data()) != 1) std::abort();
  return end;
}

/// A socket with every field that netlink supplies. It points into itself.
struct Made {
  Made(Protocol protocol, State state, const std::string& local, const std::string& remote) {
    inet.tcp_info.length = sizeof(TcpInfo);
    s.protocol = protocol;
    s.state = state;
    s.local = endpoint(local);
    s.remote = endpoint(remote);
    s.family = s.local.family;
    s.inet = &inet;
    s.present = {Field::queues, Field::inode,       Field::uid,      Field::timer,    Field::timer_count, Field::cookie,
                 Field::skmem,  Field::interface};
    if (protocol == Protocol::tcp) s.present.add(Field::tcp_info);
    if (state == State::listen) s.present.add(Field::backlog);
    s.present.add(Field::drops);
    static std::uint64_t next = 1000;
    s.cookie = s.inode = ++next;
  }
  Made(const Made&) = delete;
  Made& operator=(const Made&) = delete;

  TcpInfo& info() { return inet.tcp_info.value; }
  Made& queue(std::uint32_t rqueue, std::uint32_t limit_or_wqueue = 0) {
    s.rqueue = rqueue;
    (s.state == State::listen ? s.backlog_limit : s.wqueue) = limit_or_wqueue;
    return *this;
  }
  Made& inode(std::uint64_t number) { return s.inode = number, *this; }
  Made& cookie(std::uint64_t number) { return s.cookie = number, *this; }
  Made& idle(std::uint32_t ms) {
    info().last_data_sent = info().last_data_recv = info().last_ack_recv = ms;
    return *this;
  }
  Made& timer(Timer timer, std::uint32_t count = 0, std::uint64_t ms = 0) {
    s.timer = timer, s.timer_count = count, s.timer_ms = ms;
    return *this;
  }

  InetDetail inet{};
  UnixDetail unix_domain{};
  Socket s;
};

class AuditWorld {
 public:
  std::deque<Made> first, second;  ///< the sockets of the two looks
  Facts facts, later;              ///< facts of the two looks
  SampleHolders holders;
  MapResolver names;
  std::optional<std::string> reserved_ports = std::string();
  DescriptorUses descriptors;
  ClosedSocketSource* closed_sockets = nullptr;
  NewListenerSource* new_listeners = nullptr;
  std::uint64_t uptime_ms = 10'000'000;
  bool initial = true, reachable = true, all_processes = true;
  std::vector<std::pair<std::string, double>> settings;  ///< thresholds of the rule

  Made& tcp(State state, const std::string& local, const std::string& remote = "*:0") {
    return first.emplace_back(Protocol::tcp, state, local, remote);
  }
  Made& udp(const std::string& local, const std::string& remote = "*:0") {
    return first.emplace_back(Protocol::udp, State::close, local, remote);
  }
  /// The process holds this socket; one of several holders if called again.
  void hold(const Made& made, std::uint32_t pid, std::string_view name, std::uint32_t uid = 1000) {
    holders.owners.emplace(made.s.inode, Owner{pid, pid, 3, name, {}, {}});
    holders.processes[pid].uid = uid;
    names.users[uid] = "user" + std::to_string(uid);
  }
  /// Every socket of the first look without one gets this owner.
  void hold_all(std::uint32_t pid, std::string_view name) {
    for (const Made& made : first)
      if (made.s.inode != 0 && holders.first(made.s.inode).pid == 0) hold(made, pid, name);
  }

  /// Runs one rule over one look, or two if `looks` is 2. `second` is what the second look sees.
  const std::vector<Finding>& run(std::string_view rule, unsigned looks = 1) {
    chosen_.assign(1, ChosenRule(*find_rule(rule)));
    for (const auto& [name, value] : settings)
      if (!chosen_[0].thresholds.set(name, value)) std::abort();
    Audit audit(chosen_, 5);
    const auto why = [](Fact fact) { return std::string(row_of(fact).name) + " is absent"; };
    std::deque<Look> all;
    for (unsigned number = 0; number < looks; ++number) {
      all.push_back(look(number == 0 ? facts : later, names, why));
      all.back().number = number;
      all.back().time_ns = number * 1'000'000'000;
      audit.begin_look(all.back());
      for (const Made& made : number == 0 ? first : second)
        if (audit.protocols(number).has(made.s.protocol)) audit.socket(made.s);
      audit.end_look();
    }
    Findings& findings = audit.conclude();
    not_looked = findings.not_looked();
    found_ = findings.take_sorted();
    return found_;
  }
  std::vector<NotLooked> not_looked;

  /// Passes the first look to an observer; every table is read whole.
  void observe(LookObserver& observer) const {
    const auto why = [](Fact fact) { return std::string(row_of(fact).name) + " is absent"; };
    MapResolver resolver = names;
    const Look first_look = look(facts, resolver, why);
    observer.begin(first_look);
    for (const Made& made : first)
      if (observer.protocols().has(made.s.protocol)) observer.socket(made.s);
    observer.table(observer.protocols(), TableSight::whole);
    observer.end(first_look);
  }

 private:
  /// Of the first number and time.
  Look look(const Facts& of, MapResolver& resolver, FunctionRef<std::string(Fact)> why) const {
    return {.facts = of,
            .holders = holders,
            .names = resolver,
            .why_absent = why,
            .uptime_ms = uptime_ms,
            .reserved_ports = reserved_ports,
            .all_processes = all_processes,
            .initial_namespace = initial,
            .descriptors = &descriptors,
            .closed_sockets = closed_sockets,
            .new_listeners = new_listeners,
            .reachable = reachable};
  }

  std::vector<ChosenRule> chosen_;
  std::vector<Finding> found_;
};

}  // namespace duostat::test
