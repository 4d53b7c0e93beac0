// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/rule_parts.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/model/listener.h"
#include "src/names/workload.h"
#include "src/render/address.h"

namespace duostat {

void describe_workload(const Workload& workload, FindingOwner& owner) {
  // systemd holds the sockets of units that it has not started yet.
  if (workload.manager && !workload.user) owner.unit = kActivated;
  else owner.unit = workload.user_unit.empty() ? workload.unit : workload.user_unit;
  if (workload.container.empty() && workload.pod.empty()) return;
  Workload container = workload;
  container.unit.clear();
  container.user_unit.clear();
  owner.container = display_text(container);
}

OwnerKey owner_key(const Socket& socket, const Look& look) {
  // Without an inode no process can hold it, and the kernel writes 0 for its user.
  if (!socket.has(Field::inode) || socket.inode == 0) return {};
  const Owner first = look.holders.first(socket.inode);
  if (first.pid == 0) return {0, socket.has(Field::uid) ? std::optional(socket.uid) : std::nullopt};
  if (first.pid != 1) return {first.pid};
  // systemd keeps the listeners that it passes to services: name the service.
  OwnerKey key{1};
  look.holders.each(socket.inode, [&](const Owner& owner) {
    if (owner.pid != 1) key.pid = key.pid == 1 ? owner.pid : std::min(key.pid, owner.pid);
    return true;
  });
  return key;
}

FindingOwner describe_owner(const OwnerKey& key, std::uint64_t inode, const Look& look) {
  FindingOwner described;
  described.pid = key.pid;
  if (key.pid == 0) {
    if (key.uid) described.user = user_text(*key.uid, look);
    return described;
  }
  look.holders.each(inode, [&](const Owner& owner) {
    if (owner.pid != key.pid) return true;
    described.name = owner.comm;
    return false;
  });
  const Process& process = look.holders.process(key.pid);
  if (process.uid) described.user = user_text(*process.uid, look);
  if (process.workload) describe_workload(*process.workload, described);
  return described;
}

std::string user_text(std::uint32_t uid, const Look& look) {
  const std::string_view name = look.names.user(uid);
  return name.empty() ? std::to_string(uid) : std::string(name);
}

void ListenerTable::add(const Socket& socket, const Look& look) {
  const std::uint64_t drops = socket.has(Field::drops) ? socket.drops : 0;
  const auto [at, end] = by_port_.equal_range(socket.local.port);
  for (auto i = at; i != end; ++i) {
    QueueListener& known = all_[i->second];
    if (known.family != socket.family || known.ifindex != socket.ifindex ||
        known.local.address != socket.local.address)
      continue;
    // The kernel lists an MPTCP listener in both tables, with one inode.
    if (known.protocol != socket.protocol && known.inode == socket.inode && socket.inode != 0) {
      known.protocol = Protocol::mptcp;
      return;
    }
    if (known.protocol != socket.protocol) continue;
    known.rqueue += socket.rqueue;
    known.backlog += socket.backlog_limit;
    known.drops += drops;
    ++known.sockets;
    if (socket.rqueue > socket.backlog_limit) {
      if (known.full == 0) known.inode = socket.inode, known.owner = owner_key(socket, look);
      ++known.full;
    }
    return;
  }
  by_port_.emplace(socket.local.port, all_.size());
  all_.push_back({.protocol = socket.protocol,
                  .family = socket.family,
                  .local = socket.local,
                  .ifindex = socket.ifindex,
                  .rqueue = socket.rqueue,
                  .backlog = socket.backlog_limit,
                  .drops = drops,
                  .full = socket.rqueue > socket.backlog_limit ? 1u : 0u,
                  .inode = socket.has(Field::inode) ? socket.inode : 0,
                  .owner = owner_key(socket, look)});
}

const QueueListener* ListenerTable::for_local(const Endpoint& local) const {
  const QueueListener* any = nullptr;
  const Endpoint wanted = plain(local);
  const auto [at, end] = by_port_.equal_range(local.port);
  for (auto i = at; i != end; ++i) {
    const QueueListener& listener = all_[i->second];
    if (plain(listener.local) == wanted) return &listener;
    const bool same_family = listener.family == local.family;
    if (is_unspecified(listener.local.address) && (same_family || any == nullptr)) any = &listener;
  }
  return any;
}

const QueueListener* ListenerTable::same(const QueueListener& listener) const {
  const auto [at, end] = by_port_.equal_range(listener.local.port);
  for (auto i = at; i != end; ++i) {
    const QueueListener& known = all_[i->second];
    if (known.protocol == listener.protocol && known.family == listener.family && known.ifindex == listener.ifindex &&
        known.local.address == listener.local.address)
      return &known;
  }
  return nullptr;
}

void WithoutDrops::tell(Findings& findings) const {
  if (count_ == 0) return;
  findings.looked_in_part(fmt::format("{} without a count of drops (Linux 4.11 has it)", counted(count_, "socket")));
}

const Grown<TcpInfo>* tcp_info_of(const Socket& socket) {
  return socket.inet != nullptr && socket.has(Field::tcp_info) ? &socket.inet->tcp_info : nullptr;
}

Endpoint plain(const Endpoint& end) {
  if (end.family != Family::inet6 || !is_v4_mapped(end.address)) return end;
  Endpoint v4 = end;
  v4.family = Family::inet;
  v4.address = unmapped(end.address);
  return v4;
}

bool is_loopback(const Endpoint& end) {
  const Endpoint at = plain(end);
  if (at.family == Family::inet) return at.address[0] == 127;
  Address one{};
  one.back() = 1;
  return at.address == one;
}

bool is_private(const Endpoint& end) {
  const Endpoint at = plain(end);
  const Address& a = at.address;
  if (at.family == Family::inet6) return (a[0] & 0xfe) == 0xfc || (a[0] == 0xfe && (a[1] & 0xc0) == 0x80);
  return a[0] == 10 || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) ||
         (a[0] == 169 && a[1] == 254) || (a[0] == 100 && (a[1] & 0xc0) == 64);
}

std::string endpoint_text(const Endpoint& end) {
  if (is_unspecified(end.address)) return fmt::format("{}:{}", end.family == Family::inet6 ? "[::]" : "*", end.port);
  char buffer[kAddressTextMax];
  const Endpoint at = plain(end);
  const std::string_view text(buffer, static_cast<std::size_t>(format_address(buffer, at.family, at.address) - buffer));
  return at.family == Family::inet6 ? fmt::format("[{}]:{}", text, at.port) : fmt::format("{}:{}", text, at.port);
}

std::string listener_text(const QueueListener& listener) {
  return fmt::format("{} {}", row_of(listener.protocol).id, endpoint_text(listener.local));
}

std::string duration_text(std::uint64_t ms) {
  struct Step {
    std::uint64_t below, divisor;
    std::string_view unit;
  };
  constexpr std::uint64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;
  constexpr Step kSteps[] = {{kSecond, 1, "ms"}, {2 * kMinute, kSecond, "s"}, {2 * kHour, kMinute, "min"},
                             {2 * kDay, kHour, "h"}};
  for (const Step& step : kSteps)
    if (ms < step.below) return fmt::format("{} {}", ms / step.divisor, step.unit);
  return fmt::format("{} days", ms / kDay);
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::uint64_t kKilo = 1000;
  if (bytes < kKilo) return counted(bytes, "byte");
  constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB", "PB"};
  auto value = static_cast<double>(bytes) / static_cast<double>(kKilo);
  std::size_t unit = 0;
  while (value >= static_cast<double>(kKilo) && unit + 1 < std::size(kUnits)) {
    value /= static_cast<double>(kKilo);
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, kUnits[unit]);
}

std::string counted(std::uint64_t count, std::string_view noun) {
  const std::string_view plural = count == 1 ? "" : noun.ends_with('s') ? "es" : "s";
  return fmt::format("{} {}{}", count, noun, plural);
}

std::uint64_t percent(std::uint64_t part, std::uint64_t whole) {
  constexpr std::uint64_t kAll = 100;
  return whole == 0 ? kAll : part * kAll / whole;
}

}  // namespace duostat
