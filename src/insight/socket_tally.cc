// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/socket_tally.h"

#include <algorithm>
#include <utility>

#include "src/insight/rule_parts.h"
#include "src/render/address.h"
#include "src/render/exposition.h"

namespace duostat {
namespace {

/// States of a connection that has not ended: those with meaningful counters of bytes.
constexpr StateMask kOpen = mask_of(State::established, State::fin_wait1, State::fin_wait2, State::close_wait,
                                    State::last_ack, State::closing);
/// The label of a process without unit and container.
constexpr std::string_view kNoUnit = "none";
/// The least number of closed sockets that is worth a look at every descriptor: as of the rule closed-sockets.
constexpr std::uint64_t kWorthLooking = 100;

OwnerState owner_state(State state) {
  switch (state) {
    case State::established: return OwnerState::established;
    case State::listen: return OwnerState::listen;
    case State::close_wait: return OwnerState::close_wait;
    case State::syn_sent: return OwnerState::syn_sent;
    default: return OwnerState::other;
  }
}

std::size_t index_of(Family family) { return family == Family::inet6 ? 1 : 0; }

}  // namespace

std::string_view word_of(OwnerState state) {
  constexpr std::string_view kWords[] = {"established", "listen", "close_wait", "syn_sent", "other"};
  static_assert(std::size(kWords) == kOwnerStates);
  return kWords[static_cast<std::size_t>(state)];
}

ProtocolSet SocketTally::protocols() const { return kTcpProtocols | kUnixProtocols | ProtocolSet{Protocol::udp}; }

FieldSet SocketTally::wanted(Protocol protocol) const {
  if (kUnixProtocols.has(protocol)) return {};
  if (protocol == Protocol::udp) return {Field::inode, Field::uid, Field::drops};
  return {Field::inode, Field::uid,   Field::queues,    Field::backlog,
          Field::timer, Field::drops, Field::interface, Field::tcp_info};
}

FactSet SocketTally::facts() const {
  return {Fact::local_port_low, Fact::local_port_high, Fact::tcp_tw_reuse, Fact::tcp_timestamps,
          Fact::tcp_alloc,      Fact::tcp_inuse,       Fact::tcp6_inuse};
}

ProcessFields SocketTally::processes() const { return {ProcessField::workload}; }

void SocketTally::begin(const Look& look) {
  look_ = &look;
  ports_.begin(look);
}

void SocketTally::table(ProtocolSet protocols, TableSight sight) {
  if (sight == TableSight::whole) whole_ = whole_ | protocols;
}

std::uint64_t SocketTally::sockets(Protocol protocol, Family family, State state) const {
  return counts_[static_cast<std::size_t>(protocol)][index_of(family)][static_cast<std::size_t>(state) % kStates];
}

void SocketTally::socket(const Socket& s) {
  if (kTcpProtocols.has(s.protocol)) return tcp(s);
  if (protocols().has(s.protocol)) {
    ++counts_[static_cast<std::size_t>(s.protocol)][index_of(s.family)][static_cast<std::size_t>(s.state) % kStates];
    if (s.protocol == Protocol::udp) udp(s);
  }
}

void SocketTally::tcp(const Socket& s) {
  if (s.protocol == Protocol::tcp) {
    ports_.add(s);
    if (in_mask(kOpen, s.state)) connection(s);
    if (subflows_.has(s)) return;
  } else {
    ++mptcp_[index_of(s.family)];
  }
  ++counts_[static_cast<std::size_t>(Protocol::tcp)][index_of(s.family)][static_cast<std::size_t>(s.state) % kStates];
  if (s.state == State::listen) listener(s);
  if (!s.has(Field::inode) || s.inode == 0) return;  // no process holds it
  const OwnerKey key = owner_key(s, *look_);
  OwnerCounts* counts = nullptr;
  if (key.pid != 0) {
    unit_of_process(key.pid);
    counts = by_process_.find(key.pid)->second.second;
  } else {
    counts = &owners_[unit_of(s)];
  }
  ++(*counts)[static_cast<std::size_t>(owner_state(s.state))];
}

void SocketTally::connection(const Socket& s) {
  ++open_;
  if (count_peers_) peers_.add(s, look_->holders);
  const auto sent = info_of(s, &TcpInfo::bytes_sent), again = info_of(s, &TcpInfo::bytes_retrans);
  if (sent && again) {
    ++with_bytes_;
    sent_ += *sent;
    retransmitted_ += *again;
  }
  if (s.state != State::established) return;
  if (const auto rtt = info_of(s, &TcpInfo::rtt); rtt && *rtt != 0) rtts_.push_back(static_cast<std::uint32_t>(*rtt));
}

void SocketTally::listener(const Socket& s) {
  char text[kAddressTextMax];
  const auto size = static_cast<std::size_t>(format_address(text, s.family, s.local.address) - text);
  Listening& l = listeners_[{std::string(row_of(s.protocol).id), std::string(text, size), std::to_string(s.local.port),
                             unit_of(s)}];
  const std::uint64_t queue = s.has(Field::queues) ? s.rqueue : 0;
  const std::uint64_t backlog = s.has(Field::backlog) ? s.backlog_limit : 0;
  // The fullest socket of a group decides: the kernel gives each connection to one of them.
  const bool first = l.queue == 0 && l.backlog == 0;
  if (first || queue * (l.backlog + 1) > l.queue * (backlog + 1)) l.queue = queue, l.backlog = backlog;
  if (!s.has(Field::drops)) return;
  l.has_drops = true;
  l.drops += s.drops;
}

void SocketTally::udp(const Socket& s) {
  if (s.local.port == 0 || s.remote.port != 0 || !s.has(Field::drops)) return;
  // Ports that bind() chose come and go: each would be a series of its own.
  const bool chosen = ports_.range().has(s.local.port);
  udp_drops_[{chosen ? "ephemeral" : std::to_string(s.local.port), unit_of(s)}] += s.drops;
}

const std::string& SocketTally::unit_of(const Socket& s) {
  const OwnerKey key = owner_key(s, *look_);
  if (key.pid != 0) return unit_of_process(key.pid);
  const bool without = s.has(Field::inode) && look_->all_processes;
  return without ? kernel_ : unknown_;
}

const std::string& SocketTally::unit_of_process(std::uint32_t pid) {
  const auto [at, is_new] = by_process_.try_emplace(pid);
  if (is_new) {
    FindingOwner owner;
    if (const auto& workload = look_->holders.process(pid).workload) describe_workload(*workload, owner);
    const std::string& name = owner.unit.empty() || !owner.container.empty() ? owner.container : owner.unit;
    const auto entry = owners_.try_emplace(name.empty() ? std::string(kNoUnit) : label_text(name)).first;
    at->second = {&entry->first, &entry->second};
  }
  return *at->second.first;
}

void SocketTally::end(const Look& look) {
  if (look.descriptors != nullptr) count_descriptors(*look.descriptors);
  count_closed(look);
  by_process_.clear();
}

void SocketTally::count_descriptors(const DescriptorUses& uses) {
  descriptors_whole_ = !uses.incomplete();
  for (const DescriptorUse& use : uses.uses) {
    if (!use.limits.soft || *use.limits.soft == 0) continue;
    double& most = descriptors_[unit_of_process(use.pid)];
    most = std::max(most, static_cast<double>(use.open) / static_cast<double>(*use.limits.soft));
  }
}

/// The kernel counts its TCP sockets, and those with a connection. Only a difference is worth a look at every
/// descriptor.
void SocketTally::count_closed(const Look& look) {
  const auto all = look.facts.get(Fact::tcp_alloc), inuse = look.facts.get(Fact::tcp_inuse);
  if (!look.initial_namespace || !all || !inuse || look.closed_sockets == nullptr) return;
  const std::uint64_t connected = *inuse + look.facts.get(Fact::tcp6_inuse).value_or(0);
  const std::uint64_t rest = *all - std::min(*all, connected);
  if (rest < kWorthLooking) return void(closed_ = rest);
  const ClosedSockets found = look.closed_sockets->find(kWorthLooking);
  const bool all_seen = found.denied == 0 && found.unread == 0 && found.not_looked_at == 0 && !found.may_hide;
  if (found.cannot.empty() && all_seen) closed_ = found.sockets;
}

std::optional<std::uint32_t> SocketTally::rtt_quantile(double share) {
  if (rtts_.empty()) return std::nullopt;
  const auto last = static_cast<double>(rtts_.size() - 1);
  const auto at = rtts_.begin() + static_cast<std::ptrdiff_t>(share * last + 0.5);
  std::ranges::nth_element(rtts_, at);
  return *at;
}

std::optional<std::uint64_t> SocketTally::sent_bytes() const {
  return with_bytes_ == open_ ? std::optional(sent_) : std::nullopt;
}

std::optional<std::uint64_t> SocketTally::retransmitted_bytes() const {
  return with_bytes_ == open_ ? std::optional(retransmitted_) : std::nullopt;
}

}  // namespace duostat
