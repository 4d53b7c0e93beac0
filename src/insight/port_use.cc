// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/port_use.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "src/base/cursor.h"
#include "src/insight/rule_parts.h"

namespace duostat {
namespace {

std::uint64_t mix(std::uint64_t value) {  // the finalizer of splitmix64
  value = (value ^ value >> 30) * 0xbf58476d1ce4e5b9;
  value = (value ^ value >> 27) * 0x94d049bb133111eb;
  return value ^ value >> 31;
}

std::uint64_t digest_of(const Endpoint& local, const Endpoint& remote) {
  std::uint64_t words[4];
  std::memcpy(words, local.address.data(), sizeof local.address);
  std::memcpy(words + 2, remote.address.data(), sizeof remote.address);
  std::uint64_t digest = remote.port;
  for (const std::uint64_t word : words) digest = mix(digest + word + 0x9e3779b97f4a7c15);
  return digest;
}

std::uint64_t count_of(const std::vector<bool>& ports) {
  return static_cast<std::uint64_t>(std::ranges::count(ports, true));
}

}  // namespace

LocalPorts::LocalPorts(const Look& look)
    : range_{static_cast<std::uint32_t>(look.facts.get(Fact::local_port_low).value_or(1)),
             static_cast<std::uint32_t>(look.facts.get(Fact::local_port_high).value_or(0))},
      knows_reserved_(look.reserved_ports.has_value()) {
  reserved_.assign(kPorts, false);
  Cursor at(look.reserved_ports.value_or(std::string_view()));
  std::uint64_t first = 0, last = 0;
  while (at.dec(first)) {
    if (!at.expect('-') || !at.dec(last)) last = first;
    for (std::uint64_t port = first; port <= last && port < kPorts; ++port) reserved_[port] = true;
    if (!at.expect(',')) break;
  }
  for (std::uint32_t port = range_.first; port <= range_.last && port < kPorts; ++port)
    size_ += reserved_[port] ? 0 : 1;
}

std::string LocalPorts::text() const { return fmt::format("{}-{}", range_.first, range_.last); }

std::uint32_t TupleCounts::add(std::uint64_t digest) {
  if (slots_.empty() || used_ * 3 >= slots_.size() * 2) grow();
  Slot& slot = find(digest);
  if (slot.count == 0) slot.digest = digest, ++used_;
  return ++slot.count;
}

TupleCounts::Slot& TupleCounts::find(std::uint64_t digest) {
  std::size_t at = digest & (slots_.size() - 1);
  while (slots_[at].count != 0 && slots_[at].digest != digest) at = (at + 1) & (slots_.size() - 1);
  return slots_[at];
}

void TupleCounts::grow() {
  constexpr std::size_t kFirst = 1024;
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(old.empty() ? kFirst : old.size() * 2, {});
  for (const Slot& slot : old)
    if (slot.count != 0) find(slot.digest) = slot;
}

void PortUse::begin(const Look& look) {
  *this = PortUse();
  range_ = LocalPorts(look);
  held_.assign(kPorts, false);
  bound_.assign(kPorts, false);
  listening_.assign(kPorts, false);
  reuse_ = look.facts.get(Fact::tcp_timestamps).value_or(0) == 0 ? 0 : look.facts.get(Fact::tcp_tw_reuse).value_or(0);
}

std::optional<PortUse::Pair> PortUse::add(const Socket& s) {
  const std::uint32_t port = s.local.port;
  if (!range_.has(port)) return std::nullopt;
  held_[port] = true;
  if (s.state == State::listen) listening_[port] = true;  // listeners come first in every table
  if (s.state == State::listen || s.state == State::close || s.remote.port == 0) {
    bound_[port] = true;
    return std::nullopt;
  }
  // A server's connections have its port, which connect() does not choose.
  if (listening_[port]) return std::nullopt;
  ++sockets_;
  if (s.state == State::time_wait && is_reusable(s)) return std::nullopt;
  const std::uint64_t digest = digest_of(plain(s.local), plain(s.remote));
  const std::uint32_t used = tuples_.add(digest);
  largest_ = std::max(largest_, used);
  return Pair{digest, used};
}

std::uint64_t PortUse::held() const { return count_of(held_); }

std::uint64_t PortUse::bound() const { return count_of(bound_); }

/// connect() takes the port of a TIME-WAIT with timestamps from one second on: with tcp_tw_reuse 1 any, with 2 only
/// over loopback.
bool PortUse::is_reusable(const Socket& s) const {
  constexpr std::uint64_t kTimeWaitMs = 60'000, kReusableAfterMs = 1'000;
  const bool may = reuse_ == 1 || (reuse_ == 2 && is_loopback(s.local) && is_loopback(s.remote));
  return may && s.has(Field::timer) && s.timer_ms + kReusableAfterMs <= kTimeWaitMs;
}

}  // namespace duostat
