// Rules about ephemeral ports.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "src/base/cursor.h"
#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"
#include "src/model/port_range.h"

namespace duostat {
namespace {

constexpr std::uint32_t kPorts = 65536;

/// net.ipv4.ip_local_port_range without net.ipv4.ip_local_reserved_ports.
class LocalPorts {
 public:
  LocalPorts() = default;
  explicit LocalPorts(const Look& look)
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
  bool has(std::uint32_t port) const { return range_.has(port) && port < kPorts && !reserved_[port]; }
  std::uint64_t size() const { return size_; }
  /// Says that the range counts ports that may be reserved.
  void note_unknown(Findings& findings) const {
    if (!knows_reserved_) findings.looked_in_part("net.ipv4.ip_local_reserved_ports could not be read");
  }
  std::string text() const { return fmt::format("{}-{}", range_.first, range_.last); }

 private:
  PortRange range_;
  bool knows_reserved_ = true;
  std::uint64_t size_ = 0;
  std::vector<bool> reserved_;
};

/// The owner of most sockets, by one counter (Boyer and Moore).
class MainOwner {
 public:
  void add(const OwnerKey& key, std::uint64_t inode) {
    if (key.pid == 0) return;
    if (votes_ == 0) key_ = key, inode_ = inode;
    votes_ += key == key_ ? 1 : -1;
  }
  const OwnerKey& key() const { return key_; }
  std::uint64_t inode() const { return inode_; }

 private:
  OwnerKey key_;
  std::uint64_t inode_ = 0;
  std::int64_t votes_ = 0;
};

// ---- ports ----

constexpr Threshold kPortsThresholds[] = {
    {"share", "%", 80, "of the range that one pair of addresses and port uses: warning"},
    {"critical_share", "%", 95, "the same: critical"},
    {"count", "ports", 100, "least number used, unless the range is smaller than small_range"},
    {"small_range", "ports", 1000, "a range in which share counts from the first port"},
    {"held_share", "%", 95, "of the range held by any socket: warning, or note if several sockets share each port"},
};

/// Counts by a 64-bit digest of (local address, peer, peer's port): 16 bytes for each of perhaps 200,000 pairs. Only
/// a pair with many ports gets evidence.
class TupleCounts {
 public:
  /// Returns the count after adding one.
  std::uint32_t add(std::uint64_t digest) {
    if (slots_.empty() || used_ * 3 >= slots_.size() * 2) grow();
    Slot& slot = find(digest);
    if (slot.count == 0) slot.digest = digest, ++used_;
    return ++slot.count;
  }

 private:
  struct Slot {
    std::uint64_t digest = 0;
    std::uint32_t count = 0;  ///< 0: free
  };
  Slot& find(std::uint64_t digest) {
    std::size_t at = digest & (slots_.size() - 1);
    while (slots_[at].count != 0 && slots_[at].digest != digest) at = (at + 1) & (slots_.size() - 1);
    return slots_[at];
  }
  void grow() {
    constexpr std::size_t kFirst = 1024;
    std::vector<Slot> old = std::move(slots_);
    slots_.assign(old.empty() ? kFirst : old.size() * 2, {});
    for (const Slot& slot : old)
      if (slot.count != 0) find(slot.digest) = slot;
  }
  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

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

constexpr std::string_view kHeldAdvice =
    "bind() to port 0 fails with EADDRINUSE, and connect() finds fewer ports. Let programs that choose a source "
    "address set IP_BIND_ADDRESS_NO_PORT; widen net.ipv4.ip_local_port_range and reserve the ports of servers in "
    "net.ipv4.ip_local_reserved_ports.";

class Ports final : public Check {
 public:
  explicit Ports(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void begin_look(const Look& look) override {
    range_ = LocalPorts(look);
    sockets_ = 0;
    held_.assign(kPorts, false);
    bound_.assign(kPorts, false);
    listening_.assign(kPorts, false);
    reuse_ = look.facts.get(Fact::tcp_timestamps).value_or(0) == 0 ? 0 : look.facts.get(Fact::tcp_tw_reuse).value_or(0);
    const double share = t_["share"] / 100.0 * static_cast<double>(range_.size());
    const bool small = static_cast<double>(range_.size()) < t_["small_range"];
    const double from = small ? share : std::max(share, t_["count"]);
    from_ = static_cast<std::uint32_t>(std::clamp(from, 1.0, double{kPorts}));
  }

  void socket(const Socket& s, const Look& look) override {
    const std::uint32_t port = s.local.port;
    if (!range_.has(port)) return;
    held_[port] = true;
    if (s.state == State::listen) listening_[port] = true;  // listeners come first in every table
    if (s.state == State::listen || s.state == State::close || s.remote.port == 0) {
      bound_[port] = true;
      return;
    }
    // A server's connections have its port, which connect() does not choose.
    if (listening_[port]) return;
    ++sockets_;
    if (s.state == State::time_wait && is_reusable(s)) return;
    // The first sockets of a pair are not yet known to belong to a full one: its later ones are the evidence.
    const std::uint64_t digest = digest_of(plain(s.local), plain(s.remote));
    const std::uint32_t used = tuples_.add(digest);
    if (used < std::max(from_ / 2, 1u)) return;
    Data& data = full_[digest];
    data.used = used;
    data.local = s.local;
    data.remote = s.remote;
    data.time_wait += s.state == State::time_wait ? 1 : 0;
    data.owner.add(owner_key(s, look), s.inode);
    data.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    if (range_.size() == 0) return findings.could_not_look("net.ipv4.ip_local_port_range has no free port");
    range_.note_unknown(findings);
    const std::uint64_t bound = count_of(bound_), held = count_of(held_);
    bool exhausted = false;
    for (auto& [digest, data] : full_) {
      const std::uint64_t free = range_.size() - std::min(range_.size(), bound);
      if (data.used < from_ && !share_reaches(data.used, free, t_["share"])) continue;
      if (data.used < t_["count"] && static_cast<double>(range_.size()) >= t_["small_range"]) continue;
      findings.add(tuple_finding(data, bound, held, look));
      exhausted = true;
    }
    if (share_reaches(bound, range_.size(), t_["share"]) ||
        (!exhausted && share_reaches(held, range_.size(), t_["held_share"])))
      findings.add(held_finding(bound, held));
  }

 private:
  struct Data {
    std::uint64_t used = 0, time_wait = 0;
    Endpoint local, remote;
    MainOwner owner;
    Evidence evidence;
  };

  static std::uint64_t count_of(const std::vector<bool>& ports) {
    return static_cast<std::uint64_t>(std::ranges::count(ports, true));
  }

  /// connect() takes the port of a TIME-WAIT with timestamps from one second on: with tcp_tw_reuse 1 any, with 2 only
  /// over loopback.
  bool is_reusable(const Socket& s) const {
    constexpr std::uint64_t kTimeWaitMs = 60'000, kReusableAfterMs = 1'000;
    const bool may = reuse_ == 1 || (reuse_ == 2 && is_loopback(s.local) && is_loopback(s.remote));
    return may && s.has(Field::timer) && s.timer_ms + kReusableAfterMs <= kTimeWaitMs;
  }

  Finding tuple_finding(Data& data, std::uint64_t bound, std::uint64_t held, const Look& look) const {
    const std::uint64_t free = range_.size() - std::min(range_.size(), bound);
    const std::uint64_t share = percent(data.used, free);
    Finding f;
    const bool critical = share_reaches(data.used, free, t_["critical_share"]);
    f.severity = critical ? Severity::critical : Severity::warning;
    f.count = data.used;
    f.owner = describe_owner(data.owner.key(), data.owner.inode(), look);
    if (data.owner.key().pid == 0) f.owner.user.clear();  // those in TIME-WAIT have no user
    std::string local = endpoint_text(data.local);
    local.erase(local.rfind(':'));
    f.subject = fmt::format("{} to {}", local, endpoint_text(data.remote));
    f.values = fmt::format("{} of at most {} ports ({} %), range {}; any use holds at least {}", data.used, free, share,
                           range_.text(), held);
    if (data.time_wait != 0) f.values += fmt::format("; at least {} in TIME-WAIT", data.time_wait);
    f.measures = {{"ports", data.used}, {"available", free},  {"share_percent", share},
                  {"held", held},       {"bound_held", bound}};
    f.evidence = std::move(data.evidence);
    return f;
  }

  Finding held_finding(std::uint64_t bound, std::uint64_t held) const {
    Finding f;
    // connect() gives one port to several destinations, bind() does not: if nearly each port has one socket, programs
    // have bound most of them.
    constexpr std::uint64_t kHalf = 2, kThreeHalves = 3;
    const bool shared = kHalf * sockets_ >= kThreeHalves * (held - std::min(held, bound));
    if (share_reaches(bound, range_.size(), t_["critical_share"])) f.severity = Severity::critical;
    else if (!shared || share_reaches(bound, range_.size(), t_["share"])) f.severity = Severity::warning;
    f.count = held;
    f.subject = "range " + range_.text();
    f.values = fmt::format("{} of {} ports held by sockets, at least {} of them by bind()", held, range_.size(), bound);
    f.measures = {{"held", held}, {"bound_held", bound}, {"available", range_.size()}};
    f.meaning = "Nearly every port of the range is in use by some socket.";
    f.advice = kHeldAdvice;
    return f;
  }

  CheckSetup setup_;
  const ThresholdValues& t_;
  LocalPorts range_;
  std::vector<bool> held_, bound_, listening_;  ///< by port
  std::uint64_t sockets_ = 0;  ///< that hold ports of the range, without listeners and what is only bound
  std::uint64_t reuse_ = 0;  ///< tcp_tw_reuse; 0 without timestamps
  std::uint32_t from_ = 1;   ///< ports of a pair from which on it may be a finding
  TupleCounts tuples_;
  std::unordered_map<std::uint64_t, Data> full_;  ///< by digest: pairs with half of from_ or more
};

// ---- ports-udp ----

constexpr Threshold kPortsUdp[] = {
    {"share", "%", 80, "of the range used at one local address"},
};

class PortsUdp final : public Check {
 public:
  explicit PortsUdp(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void begin_look(const Look& look) override { range_ = LocalPorts(look); }

  void socket(const Socket& s, const Look& look) override {
    if (!range_.has(s.local.port)) return;
    const bool any = is_unspecified(s.local.address);
    Data& data = addresses_[any ? Address{} : plain(s.local).address];
    if (data.ports.empty()) data.ports.assign(kPorts, false), data.local = s.local;
    data.ports[s.local.port] = true;
    data.owner.add(owner_key(s, look), s.inode);
    data.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    if (range_.size() == 0) return findings.could_not_look("net.ipv4.ip_local_port_range has no free port");
    range_.note_unknown(findings);
    const std::vector<bool> none(kPorts, false);
    const auto any = addresses_.find(Address{});
    const std::vector<bool>& everywhere = any != addresses_.end() ? any->second.ports : none;
    for (auto& [address, data] : addresses_) {
      std::uint64_t used = 0;  // a socket at all addresses takes the port at each
      for (std::uint32_t port = 0; port < kPorts; ++port) used += data.ports[port] || everywhere[port] ? 1 : 0;
      const std::uint64_t share = percent(used, range_.size());
      if (!share_reaches(used, range_.size(), t_["share"])) continue;
      Finding f;
      f.severity = Severity::warning;
      f.count = used;
      f.owner = describe_owner(data.owner.key(), data.owner.inode(), look);
      if (data.owner.key().pid == 0) f.owner.user.clear();
      std::string local = endpoint_text(data.local);
      f.subject = "udp " + local.erase(local.rfind(':'));
      f.values = fmt::format("{} of {} ports ({} %), range {}", used, range_.size(), share, range_.text());
      f.measures = {{"ports", used}, {"available", range_.size()}, {"share_percent", share}};
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    std::vector<bool> ports;
    Endpoint local;
    MainOwner owner;
    Evidence evidence;
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  LocalPorts range_;
  std::map<Address, Data> addresses_;
};

// ---- the rows ----

constexpr FactSet kRange{Fact::local_port_low, Fact::local_port_high};

constexpr Rule kRules[] = {
    {.id = "ports",
     .protocols = {Protocol::tcp},
     .states = kAllStates,
     .uses = {Field::inode, Field::uid, Field::timer},
     .facts = kRange,
     .more_facts = {Fact::tcp_tw_reuse, Fact::tcp_timestamps},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "ports of the local range that one local address uses to one peer and port, against the range "
                  "without reserved ports and without those that bind() certainly holds",
     .thresholds = kPortsThresholds,
     .critical = "critical_share of the range",
     .warning = "share of the range, with count ports or a range below small_range, or held by bind() alone; or "
                "held_share of it held by any socket, and hardly a port by two",
     .note = "held_share of the range is held, and sockets share ports: connect() chose them, so only bind() to port 0 "
             "fails",
     .guard = "ports outside the range and ports of listeners never count, nor TIME-WAITs that connect() may reuse "
              "(over loopback after 1 s). Sockets may narrow the range themselves (IP_LOCAL_PORT_RANGE) without a "
              "trace, and bind() may hold more ports than are counted: figures say \"at least\"",
     .meaning = "Soon connect() to this peer fails with EADDRNOTAVAIL. It slows down before: it searches longer.",
     .advice = "Reuse connections (keepalive, a pool). Use more local addresses, or more of the peer. Programs that "
               "bind() a source address should set IP_BIND_ADDRESS_NO_PORT. net.ipv4.tcp_tw_reuse=1 lets connect() "
               "take TIME-WAITs of connections with timestamps. Widen net.ipv4.ip_local_port_range, and reserve the "
               "ports of servers in ip_local_reserved_ports.",
     .make = make_check<Ports>},
    {.id = "ports-udp",
     .protocols = {Protocol::udp},
     .states = kAllStates,
     .uses = {Field::inode, Field::uid},
     .facts = kRange,
     .owners = true,
     .processes = kOwnerFields,
     .condition = "UDP ports of the local range in use at one local address, against the range without reserved ports",
     .thresholds = kPortsUdp,
     .warning = "share of the range",
     .guard = "resolvers use many ports on purpose, but close them: a few thousand at most",
     .meaning = "Soon programs get no UDP port: name resolution fails first.",
     .advice = "Find the program that does not close its sockets, or give it a narrower use: one socket for many "
               "queries. Widen net.ipv4.ip_local_port_range.",
     .make = make_check<PortsUdp>},
};

}  // namespace

std::span<const Rule> ports_rules() { return kRules; }

}  // namespace duostat
