// Rules about ephemeral ports.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>

#include "src/insight/port_use.h"
#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

constexpr const char* kReservedUnread = "net.ipv4.ip_local_reserved_ports could not be read";

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

constexpr std::string_view kHeldAdvice =
    "bind() to port 0 fails with EADDRINUSE, and connect() finds fewer ports. Let programs that choose a source "
    "address set IP_BIND_ADDRESS_NO_PORT; widen net.ipv4.ip_local_port_range and reserve the ports of servers in "
    "net.ipv4.ip_local_reserved_ports.";

class Ports final : public Check {
 public:
  explicit Ports(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void begin_look(const Look& look) override {
    use_.begin(look);
    const double size = static_cast<double>(use_.range().size());
    const double share = t_["share"] / 100.0 * size;
    const double from = size < t_["small_range"] ? share : std::max(share, t_["count"]);
    from_ = static_cast<std::uint32_t>(std::clamp(from, 1.0, double{kPorts}));
  }

  void socket(const Socket& s, const Look& look) override {
    const std::optional<PortUse::Pair> pair = use_.add(s);
    // The first sockets of a pair are not yet known to belong to a full one: its later ones are the evidence.
    if (!pair || pair->used < std::max(from_ / 2, 1u)) return;
    Data& data = full_[pair->digest];
    data.used = pair->used;
    data.local = s.local;
    data.remote = s.remote;
    data.time_wait += s.state == State::time_wait ? 1 : 0;
    data.owner.add(owner_key(s, look), s.inode);
    data.evidence.add(s, setup_.evidence);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    if (use_.range().size() == 0) return findings.could_not_look("net.ipv4.ip_local_port_range has no free port");
    if (!use_.range().knows_reserved()) findings.looked_in_part(kReservedUnread);
    const std::uint64_t bound = use_.bound(), held = use_.held();
    bool exhausted = false;
    for (auto& [digest, data] : full_) {
      const std::uint64_t free = use_.range().size() - std::min(use_.range().size(), bound);
      if (data.used < from_ && !share_reaches(data.used, free, t_["share"])) continue;
      if (data.used < t_["count"] && static_cast<double>(use_.range().size()) >= t_["small_range"]) continue;
      findings.add(tuple_finding(data, bound, held, look));
      exhausted = true;
    }
    if (share_reaches(bound, use_.range().size(), t_["share"]) ||
        (!exhausted && share_reaches(held, use_.range().size(), t_["held_share"])))
      findings.add(held_finding(bound, held));
  }

 private:
  struct Data {
    std::uint64_t used = 0, time_wait = 0;
    Endpoint local, remote;
    MainOwner owner;
    Evidence evidence;
  };

  Finding tuple_finding(Data& data, std::uint64_t bound, std::uint64_t held, const Look& look) const {
    const std::uint64_t free = use_.range().size() - std::min(use_.range().size(), bound);
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
    f.values = fmt::format("{} of at most {} ports ({} %), range {}, of which at least {} are in use", data.used, free,
                           share, use_.range().text(), held);
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
    const bool shared = kHalf * use_.sockets() >= kThreeHalves * (held - std::min(held, bound));
    if (share_reaches(bound, use_.range().size(), t_["critical_share"])) f.severity = Severity::critical;
    else if (!shared || share_reaches(bound, use_.range().size(), t_["share"])) f.severity = Severity::warning;
    f.count = held;
    f.subject = "range " + use_.range().text();
    const std::uint64_t size = use_.range().size();
    f.values = fmt::format("{} of {} ports held by sockets, at least {} of them by bind()", held, size, bound);
    f.measures = {{"held", held}, {"bound_held", bound}, {"available", size}};
    f.meaning = "Nearly every port of the range is in use by some socket.";
    f.advice = kHeldAdvice;
    return f;
  }

  CheckSetup setup_;
  const ThresholdValues& t_;
  PortUse use_;
  std::uint32_t from_ = 1;   ///< ports of a pair from which on it may be a finding
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
    if (!range_.knows_reserved()) findings.looked_in_part(kReservedUnread);
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

constexpr Rule kPortsRules[] = {
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

std::span<const Rule> ports_rules() { return kPortsRules; }

}  // namespace duostat
