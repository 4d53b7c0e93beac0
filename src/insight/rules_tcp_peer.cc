// Rules about peers: those that do not answer, do not read, or were forgotten.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>

#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

// ---- syn-sent ----

constexpr Threshold kSynSent[] = {
    {"retransmits", "", 2, "least retransmissions of the SYN"},
    {"count", "sockets", 10, "to one peer: warning"},
    {"owners", "owners", 3, "that try one peer: warning"},
    {"note_retransmits", "", 4, "of one socket: note"},
};

class SynSent final : public Check {
 public:
  explicit SynSent(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    if (s.timer != Timer::retransmit || !reaches(s.timer_count, t_["retransmits"])) return;
    Data& data = peers_[{plain(s.remote).address, s.remote.port, s.protocol}];
    data.remote = s.remote;
    data.evidence.add(s, setup_.evidence);
    data.most_retransmits = std::max(data.most_retransmits, s.timer_count);
    const OwnerKey owner = owner_key(s, look);
    if (owner.pid == 0) ++data.hidden;
    if (data.owners.empty()) data.inode = s.inode;
    const bool counted_further = data.owners.size() < kOwnersMax || !reaches(data.owners.size(), t_["owners"]);
    if (counted_further && std::ranges::find(data.owners, owner) == data.owners.end()) data.owners.push_back(owner);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (auto& [key, data] : peers_) {
      const std::uint64_t count = data.evidence.count();
      const bool many = reaches(count, t_["count"]) || reaches(data.owners.size(), t_["owners"]);
      if (!many && !reaches(data.most_retransmits, t_["note_retransmits"])) continue;
      Finding f;
      f.severity = many ? Severity::warning : Severity::note;
      f.count = count;
      f.owner = describe_owner(data.owners.front(), data.inode, look);
      f.hidden = data.hidden;
      f.subject = "peer " + endpoint_text(data.remote);
      f.values = fmt::format("no answer after up to {}; {} tried it", counted(data.most_retransmits, "retransmission"),
                             counted(data.owners.size(), "owner"));
      f.measures = {{"retransmits", data.most_retransmits}, {"owners", data.owners.size()}};
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  static constexpr std::size_t kOwnersMax = 16;  ///< or the threshold
  struct Data {
    Endpoint remote;
    Evidence evidence;
    std::uint32_t most_retransmits = 0;
    std::uint64_t inode = 0, hidden = 0;
    std::vector<OwnerKey> owners;  ///< distinct, the first ones
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  std::map<std::tuple<Address, std::uint32_t, Protocol>, Data> peers_;
};

// ---- peer-silent ----

constexpr Threshold kPeerSilent[] = {
    {"retransmits", "", 5, "least retransmissions in a row"},
    {"count", "sockets", 10, "of one owner: warning"},
    {"share", "%", 5, "of the owner's connections: warning"},
    {"connections", "sockets", 20, "least connections of the owner for that share"},
};

class PeerSilent final : public Check {
 public:
  explicit PeerSilent(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    if (s.inode == 0) return;  // orphans of vanished clients are every public server's daily bread
    if (s.state == State::established) ++connections_[look.holders.first(s.inode).pid];
    if (s.timer != Timer::retransmit || s.wqueue == 0 || !reaches(s.timer_count, t_["retransmits"])) return;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    data.unacknowledged += s.wqueue;
    data.most_retransmits = std::max(data.most_retransmits, s.timer_count);
    if (is_private(s.remote)) ++data.to_private;
    if (const auto age = info_of(s, &TcpInfo::last_ack_recv)) data.oldest_ms = std::max(data.oldest_ms, *age);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (auto& [key, entry] : owners_.entries()) {
      Data& data = entry.data;
      const std::uint64_t count = data.evidence.count();
      const auto at = connections_.find(key.pid);
      const std::uint64_t connections = at != connections_.end() ? at->second : 0;
      const bool share =
          reaches(connections, t_["connections"]) && share_reaches(count, connections, t_["share"]);
      const bool many = reaches(count, t_["count"]) || (key.pid != 0 && share);
      Finding f;
      f.severity = many || data.to_private != 0 ? Severity::warning : Severity::note;
      f.count = count;
      f.owner = describe_owner(key, entry.inode, look);
      f.hidden = owners_.hidden();
      f.values = fmt::format("up to {} in a row, {} unacknowledged, {} to private networks",
                             counted(data.most_retransmits, "retransmission"), bytes_text(data.unacknowledged),
                             data.to_private);
      f.measures = {{"retransmits", data.most_retransmits},
                    {"unacknowledged_bytes", data.unacknowledged},
                    {"to_private_networks", data.to_private},
                    {"connections", connections}};
      if (data.oldest_ms != 0) f.age_ms = data.oldest_ms;
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    Evidence evidence;
    std::uint32_t most_retransmits = 0;
    std::uint64_t unacknowledged = 0, to_private = 0, oldest_ms = 0;
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  ByOwner<Data> owners_;
  std::unordered_map<std::uint32_t, std::uint64_t> connections_;  ///< established, by process
};

// ---- peer-not-reading ----

constexpr Threshold kPeerNotReading[] = {
    {"backoff", "", 5, "least doublings of the probe interval"},
    {"count", "sockets", 10, "of one owner: warning"},
    {"bytes", "bytes", 10000000, "unsent by one owner: warning"},
};

class PeerNotReading final : public Check {
 public:
  explicit PeerNotReading(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    // A live peer answers every probe, so probes stay at 0 or 1: what grows is the backoff.
    if (s.timer != Timer::probe0 || s.inode == 0) return;
    if (!reaches(info_of(s, &TcpInfo::backoff).value_or(0), t_["backoff"])) return;
    const bool closed_window = info_of(s, &TcpInfo::snd_wnd) == std::optional<std::uint64_t>(0);
    // Before Linux 4.6 the unsent bytes are not known apart from the unacknowledged ones.
    if (info_of(s, &TcpInfo::notsent_bytes).value_or(s.wqueue) == 0 && !closed_window) return;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    data.unsent += s.wqueue;
    data.longest_ms = std::max(data.longest_ms, info_of(s, &TcpInfo::last_data_sent).value_or(0));
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (auto& [key, entry] : owners_.entries()) {
      Data& data = entry.data;
      Finding f;
      f.count = data.evidence.count();
      const bool many = reaches(f.count, t_["count"]) || reaches(data.unsent, t_["bytes"]);
      f.severity = many ? Severity::warning : Severity::note;
      f.owner = describe_owner(key, entry.inode, look);
      f.hidden = owners_.hidden();
      f.values = fmt::format("{} wait in this host's memory, the peers' windows are closed", bytes_text(data.unsent));
      f.measures = {{"unsent_bytes", data.unsent}};
      if (data.longest_ms != 0) f.age_ms = data.longest_ms;
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    Evidence evidence;
    std::uint64_t unsent = 0, longest_ms = 0;
  };
  CheckSetup setup_;
  const ThresholdValues& t_;
  ByOwner<Data> owners_;
};

// ---- keepalive-less ----

constexpr Threshold kKeepaliveLess[] = {
    {"count", "sockets", 100, "of one owner"},
    {"age", "s", 7200, "without any segment in either direction"},
};

class KeepaliveLess final : public Check {
 public:
  explicit KeepaliveLess(const CheckSetup& setup)
      : setup_(setup), count_(setup.thresholds["count"]), age_ms_(setup.thresholds.milliseconds("age")) {}

  void socket(const Socket& s, const Look& look) override {
    if (s.timer != Timer::off || s.inode == 0 || is_loopback(s.local) || is_loopback(s.remote)) return;
    const Grown<TcpInfo>* info = tcp_info_of(s);
    if (info == nullptr) return;
    const TcpInfo& i = info->value;
    const std::uint64_t idle = std::min({i.last_data_sent, i.last_data_recv, i.last_ack_recv});
    if (idle < age_ms_) return;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    data.oldest_ms = std::max(data.oldest_ms, idle);
  }

  void conclude(unsigned, const Look& look, Findings& findings) override {
    for (auto& [key, entry] : owners_.entries()) {
      Data& data = entry.data;
      if (!reaches(data.evidence.count(), count_)) continue;
      Finding f;
      f.count = data.evidence.count();
      f.owner = describe_owner(key, entry.inode, look);
      f.hidden = owners_.hidden();
      f.values = fmt::format("idle for up to {}, without a keepalive timer", duration_text(data.oldest_ms));
      f.age_ms = data.oldest_ms;
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    Evidence evidence;
    std::uint64_t oldest_ms = 0;
  };
  CheckSetup setup_;
  double count_;
  std::uint64_t age_ms_;
  ByOwner<Data> owners_;
};

// ---- the rows ----

constexpr Rule kPeerRules[] = {
    {.id = "syn-sent",
     .protocols = {Protocol::tcp},
     .states = mask_of(State::syn_sent),
     .needs = {Field::timer, Field::timer_count},
     .uses = kOwnerKeys,
     .owners = true,
     .processes = kOwnerFields,
     .condition = "SYN-SENT with at least `retransmits` retransmissions, by peer and port; the age of such a socket is "
                  "not known, so retransmissions count",
     .thresholds = kSynSent,
     .warning = "count sockets, or owners different processes, try one peer",
     .note = "a socket with note_retransmits",
     .guard = "meshes, Consul, Kafka clients and probes retry a dead peer for ever: fewer than count of fewer than "
              "owners are a note",
     .meaning = "The peer does not answer connection requests: it is down, a firewall drops them, or its listener's "
                "accept queue is full.",
     .advice = "Check the route and firewalls (`ip route get ADDRESS`, `nc -vz ADDRESS PORT`); on the peer run "
               "`duostat audit --only=accept-queue`.",
     .make = make_check<SynSent>},
    {.id = "peer-silent",
     .protocols = {Protocol::tcp},
     .states = mask_of(State::established, State::fin_wait1, State::last_ack, State::closing),
     .needs = {Field::inode, Field::queues, Field::timer, Field::timer_count},
     .uses = kOwnerKeys | FieldSet{Field::tcp_info},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "unacknowledged data and at least `retransmits` retransmissions in a row",
     .thresholds = kPeerSilent,
     .warning = "count sockets or share of the connections of one owner, or any to a private network",
     .note = "fewer",
     .guard = "mobile clients of public servers vanish daily: sockets that the program has closed never count",
     .meaning = "The peer or the path to it is gone. The program waits for up to 15 minutes (tcp_retries2 = 15) before "
                "it learns.",
     .advice = "Check the peer and the route. Set TCP_USER_TIMEOUT in the program, or net.ipv4.tcp_retries2=8 (about "
               "100 s): it also ends connections that a longer outage would have spared.",
     .make = make_check<PeerSilent>},
    {.id = "peer-not-reading",
     .protocols = {Protocol::tcp},
     .states = mask_of(State::established, State::close_wait, State::fin_wait1),
     .needs = {Field::inode, Field::queues, Field::timer, Field::tcp_info},
     .uses = kOwnerKeys,
     .owners = true,
     .processes = kOwnerFields,
     .condition = "zero-window probes with at least `backoff` doublings, and data not sent",
     .thresholds = kPeerNotReading,
     .warning = "count sockets or bytes unsent of one owner",
     .note = "fewer",
     .guard = "media players, paused downloads, `kubectl logs -f` and replication slots pause on purpose",
     .meaning = "The peers' programs do not read: their data waits in this host's memory, and the program may block on "
                "sending.",
     .advice = "Look at the peer's program. Give this one a time-out for sending; a shorter net.ipv4.tcp_wmem holds "
               "less memory for each.",
     .make = make_check<PeerNotReading>},
    {.id = "keepalive-less",
     .protocols = {Protocol::tcp},
     .states = mask_of(State::established),
     .needs = {Field::inode, Field::timer, Field::tcp_info},
     .uses = kOwnerKeys,
     .owners = true,
     .processes = kOwnerFields,
     .condition = "ESTABLISHED without a timer and without any segment for at least age, count of one owner",
     .thresholds = kKeepaliveLess,
     .note = "always a note",
     .guard = "connections over loopback never count",
     .meaning = "Middleboxes forget idle connections (AWS NLB after 350 s, Azure after 4 min, conntrack after 5 days): "
                "the next request on one of these may hang.",
     .advice = "Switch on SO_KEEPALIVE in the program with an interval below that of the path "
               "(net.ipv4.tcp_keepalive_time is the default interval of programs that set none).",
     .make = make_check<KeepaliveLess>},
};

}  // namespace

std::span<const Rule> peer_rules() { return kPeerRules; }

}  // namespace duostat
