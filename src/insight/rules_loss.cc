// Rules about lost segments and datagrams.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "src/insight/address_text.h"
#include "src/insight/rule_parts.h"
#include "src/insight/rules.h"

namespace duostat {
namespace {

std::uint64_t identity(const Socket& s) { return s.has(Field::cookie) && s.cookie != 0 ? s.cookie : s.inode; }

// ---- retransmits ----

constexpr Threshold kRetransmits[] = {
    {"share", "%", 5, "of the bytes sent to one network that were sent again"},
    {"bytes", "bytes", 100000, "sent again to one network, at least"},
    {"connections", "sockets", 3, "of the network that had to send again, at least"},
    {"peers", "", 2, "different peers among them, at least"},
};

class Retransmits final : public Check {
 public:
  explicit Retransmits(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void socket(const Socket& s, const Look& look) override {
    const Grown<TcpInfo>* info = tcp_info_of(s);
    if (info == nullptr) return;
    if (!info->has(&TcpInfo::dsack_dups)) return void(++lacking_);
    if (info->value.bytes_sent == 0) return;
    const TcpInfo& i = info->value;
    const Bytes64 total{i.bytes_sent, again(i)};
    if (look.number == 0) {
      add(life_, s, total);
      constexpr std::uint32_t kActiveMs = 10'000;
      if (i.last_data_sent > kActiveMs && s.wqueue == 0) return;
      if (first_.size() < kConnectionsMax) first_.emplace(identity(s), total);
      else ++beyond_;
      return;
    }
    const auto before = first_.find(identity(s));
    if (before == first_.end() || total.sent <= before->second.sent) return;
    const std::uint64_t sent_again = total.again > before->second.again ? total.again - before->second.again : 0;
    add(between_, s, {total.sent - before->second.sent, sent_again});
  }

  void conclude(unsigned looks, const Look&, Findings& findings) override {
    const auto left_out = [&](std::uint64_t connections, std::string_view what, std::size_t most) {
      if (connections != 0)
        findings.looked_in_part(
            fmt::format("{} beyond the first {} {}", counted(connections, "connection"), most, what));
    };
    if (lacking_ != 0) findings.could_not_look("tcp: this kernel does not count the bytes sent (Linux 4.19 does)");
    left_out(beyond_, "active ones", kConnectionsMax);
    left_out(beyond_networks_, "networks", kNetworksMax);
    for (auto& [key, network] : between_)
      if (looks > 1 && is_lossy(network)) findings.add(finding(network, Severity::warning, "between the two looks"));
    for (auto& [key, network] : life_) {
      const auto now = between_.find(key);
      if (!is_lossy(network) || (now != between_.end() && is_lossy(now->second))) continue;
      findings.add(finding(network, Severity::note, "since the connections began"));
    }
  }

 private:
  static constexpr int kBits = 24, kBits6 = 64;  ///< of a network
  static constexpr std::size_t kConnectionsMax = 131072, kNetworksMax = 65536;
  struct Bytes64 {
    std::uint64_t sent, again;
  };
  struct Network {
    IpAddress address{};
    std::uint64_t sent = 0, again = 0;
    std::vector<Address> peers;  ///< distinct, as many as the threshold
    Evidence evidence;           ///< connections that had to send again
  };
  using Networks = std::map<std::pair<Family, Address>, Network>;

  /// Without those that the peer reported as spurious.
  static std::uint64_t again(const TcpInfo& i) {
    const std::uint64_t spurious = std::uint64_t{i.dsack_dups} * i.snd_mss;
    return i.bytes_retrans > spurious ? i.bytes_retrans - spurious : 0;
  }

  void add(Networks& networks, const Socket& s, Bytes64 bytes) {
    const Endpoint peer = plain(s.remote);
    const IpAddress address = network({peer.family, peer.address}, peer.family == Family::inet ? kBits : kBits6);
    auto at = networks.find({address.family, address.address});
    if (at == networks.end()) {
      if (networks.size() >= kNetworksMax) return void(++beyond_networks_);
      at = networks.emplace(std::pair(address.family, address.address), Network{}).first;
      at->second.address = address;
    }
    Network& network = at->second;
    network.sent += bytes.sent;
    network.again += bytes.again;
    if (bytes.again == 0) return;
    network.evidence.add(s, setup_.evidence);
    const bool enough = reaches(network.peers.size(), t_["peers"]);
    if (!enough && std::ranges::find(network.peers, peer.address) == network.peers.end())
      network.peers.push_back(peer.address);
  }

  bool is_lossy(const Network& n) const {
    return reaches(n.again, t_["bytes"]) && share_reaches(n.again, n.sent, t_["share"]) &&
           reaches(n.evidence.count(), t_["connections"]) && reaches(n.peers.size(), t_["peers"]);
  }

  static Finding finding(Network& n, Severity severity, std::string_view when) {
    Finding f;
    f.severity = severity;
    f.count = n.evidence.count();
    std::string text = endpoint_text({n.address.address, 0, 0, n.address.family});
    const int bits = n.address.family == Family::inet ? kBits : kBits6;
    f.subject = fmt::format("network {}/{}", text.substr(0, text.rfind(':')), bits);
    f.values = fmt::format("{} of {} sent again ({} %) {}", bytes_text(n.again), bytes_text(n.sent),
                           percent(n.again, n.sent), when);
    f.measures = {
        {"sent_bytes", n.sent}, {"retransmitted_bytes", n.again}, {"share_percent", percent(n.again, n.sent)}};
    f.evidence = std::move(n.evidence);
    return f;
  }

  CheckSetup setup_;
  const ThresholdValues& t_;
  std::unordered_map<std::uint64_t, Bytes64> first_;  ///< of the first look, by cookie
  Networks life_, between_;
  std::uint64_t beyond_ = 0, beyond_networks_ = 0;  ///< connections that were left out
  std::uint64_t lacking_ = 0;                       ///< connections whose kernel does not count bytes
};

// ---- udp-drops ----

constexpr Threshold kUdpDrops[] = {
    {"share", "%", 1, "of the datagrams that this namespace received: critical"},
    {"full_share", "%", 75, "of the receive buffer in use: note"},
};

/// Multicast sockets that nobody reads: mDNS, SSDP, LLMNR.
constexpr std::uint32_t kIgnoredPorts[] = {5353, 1900, 5355};

class UdpDrops final : public Check {
 public:
  explicit UdpDrops(const CheckSetup& setup) : setup_(setup), t_(setup.thresholds) {}

  void begin_look(const Look& look) override {
    if (look.number == 0) first_facts_ = look.facts;
    else first_ = std::move(drops_);
    drops_.clear();
    owners_.clear();
  }

  void socket(const Socket& s, const Look& look) override {
    if (std::ranges::find(kIgnoredPorts, s.local.port) != std::end(kIgnoredPorts)) return;
    if (look.number == 0) without_drops_.see(s);
    const std::uint64_t drops = s.has(Field::drops) ? s.drops : 0;
    const bool full = buffer_is_full(s);
    if (drops == 0 && !full) return;
    if (drops != 0) drops_.emplace(identity(s), drops);
    const auto before = first_.find(identity(s));
    const std::uint64_t old = before != first_.end() ? before->second : 0;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    data.drops += drops;
    data.full += full ? 1 : 0;
    if (look.number != 0 && drops > old) data.grown += drops - old;
  }

  void conclude(unsigned looks, const Look& look, Findings& findings) override {
    without_drops_.tell(findings);
    const auto grown = [&](Fact fact) { return growth(first_facts_, look.facts, fact).value_or(0); };
    const std::uint64_t received = grown(Fact::udp_in_datagrams) + grown(Fact::udp6_in_datagrams) +
                                   grown(Fact::udp_buffer_errors) + grown(Fact::udp6_buffer_errors) +
                                   grown(Fact::udp_memory_errors) + grown(Fact::udp6_memory_errors);
    for (auto& [key, entry] : owners_.entries()) {
      Data& data = entry.data;
      Finding f;
      f.severity = looks < 2 || data.grown == 0                             ? Severity::note
                   : share_reaches(data.grown, received, t_["share"]) ? Severity::critical
                                                                            : Severity::warning;
      f.count = f.severity == Severity::note ? data.drops : data.grown;
      f.owner = describe_owner(key, entry.inode, look);
      f.hidden = key.pid == 0 ? data.evidence.count() : 0;
      f.values = fmt::format("{} dropped so far at {}", counted(data.drops, "datagram"),
                             counted(data.evidence.count(), "socket"));
      if (looks > 1 && data.grown != 0)
        f.values += fmt::format(", {} of {} between the looks", data.grown, received);
      if (data.full != 0) f.values += fmt::format("; {} nearly full", counted(data.full, "buffer"));
      f.measures = {{"drops", data.drops},
                    {"dropped", data.grown},
                    {"received", received},
                    {"full_buffers", data.full}};
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    Evidence evidence;
    std::uint64_t drops = 0, grown = 0, full = 0;
  };

  /// The kernel drops before the buffer is used to the last byte.
  bool buffer_is_full(const Socket& s) const {
    constexpr std::size_t kUsed = 0, kBuffer = 1;  // of skmem
    if (s.inet == nullptr || !s.has(Field::skmem)) return false;
    const auto& memory = s.inet->memory.skmem;
    return memory[kBuffer] != 0 && share_reaches(memory[kUsed], memory[kBuffer], t_["full_share"]);
  }

  CheckSetup setup_;
  const ThresholdValues& t_;
  Facts first_facts_;
  WithoutDrops without_drops_;
  std::unordered_map<std::uint64_t, std::uint64_t> drops_, first_;  ///< by cookie; only sockets with drops
  ByOwner<Data> owners_;
};

// ---- raw-drops ----

/// Programs that look at copies of packets and may lose some.
constexpr std::string_view kWatchers[] = {"tcpdump", "wpa_supplicant", "dumpcap", "wireshark", "tshark"};

class RawDrops final : public Check {
 public:
  explicit RawDrops(const CheckSetup& setup) : setup_(setup) {}

  void socket(const Socket& s, const Look& look) override {
    if (look.number == 0) without_drops_.see(s);
    if (!s.has(Field::drops) || (s.drops == 0 && look.number != 0)) return;
    const std::pair id{s.protocol, identity(s)};
    if (look.number == 0) {
      if (s.drops != 0) first_.emplace(id, s.drops);
      return;
    }
    const auto before = first_.find(id);
    const std::uint64_t old = before != first_.end() ? before->second : 0;
    if (s.drops <= old) return;
    Data& data = owners_.of(s, look);
    data.evidence.add(s, setup_.evidence);
    data.grown += s.drops - old;
  }

  void conclude(unsigned looks, const Look& look, Findings& findings) override {
    without_drops_.tell(findings);
    if (looks < 2) return;
    for (auto& [key, entry] : owners_.entries()) {
      Data& data = entry.data;
      Finding f;
      f.owner = describe_owner(key, entry.inode, look);
      if (std::ranges::find(kWatchers, f.owner.name) != std::end(kWatchers)) continue;
      f.count = data.grown;
      f.hidden = key.pid == 0 ? data.evidence.count() : 0;
      f.values = fmt::format("{} lost between the looks at {}", counted(data.grown, "message"),
                             counted(data.evidence.count(), "socket"));
      f.measures = {{"dropped", data.grown}};
      f.evidence = std::move(data.evidence);
      findings.add(std::move(f));
    }
  }

 private:
  struct Data {
    Evidence evidence;
    std::uint64_t grown = 0;
  };
  CheckSetup setup_;
  WithoutDrops without_drops_;
  std::map<std::pair<Protocol, std::uint64_t>, std::uint64_t> first_;  ///< only sockets with drops
  ByOwner<Data> owners_;
};

// ---- the rows ----

constexpr Rule kLossRules[] = {
    {.id = "retransmits",
     .looks = RuleLooks::better_with_two,
     .protocols = {Protocol::tcp},
     .states = mask_of(State::established, State::fin_wait1, State::close_wait, State::closing, State::last_ack),
     .needs = {Field::tcp_info},
     .uses = {Field::cookie, Field::inode, Field::queues},
     .condition = "bytes sent again of the bytes sent to one /24 or /64 network, without those that the peer reported "
                  "as duplicates; needs Linux 4.19",
     .thresholds = kRetransmits,
     .warning = "share and bytes between two looks, over `connections` to different peers",
     .note = "the same since the connections began",
     .guard = "one bad peer is not a bad network; mobile networks lose 2 to 5 % always",
     .meaning = "The path to this network loses segments: everything over it is slow.",
     .advice = "Compare with other networks: if all are bad, look at this host's interface (`ip -s link`, "
               "`ethtool -S`, rule counters), else at the path (`mtr -T`).",
     .make = make_check<Retransmits>},
    {.id = "udp-drops",
     .looks = RuleLooks::better_with_two,
     .protocols = {Protocol::udp, Protocol::udplite},
     .states = kAllStates,
     .needs = {Field::drops},
     .uses = {Field::inode, Field::uid, Field::skmem, Field::cookie},
     .facts = {Fact::udp_in_datagrams, Fact::udp_buffer_errors},
     .more_facts = {Fact::udp6_in_datagrams, Fact::udp6_buffer_errors, Fact::udp_memory_errors,
                    Fact::udp6_memory_errors},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "datagrams that the kernel dropped at a socket because its receive buffer was full",
     .thresholds = kUdpDrops,
     .critical = "share of all datagrams received between two looks",
     .warning = "any between two looks",
     .note = "it has dropped some in its life, or full_share of a buffer is in use",
     .guard = "multicast sockets that nobody reads: ports 5353, 1900 and 5355 never count",
     .meaning = "The program reads its datagrams too slowly and loses some: queries time out, metrics and logs have "
                "gaps.",
     .advice = "Make the reader faster, or share the port among several (SO_REUSEPORT). Raise SO_RCVBUF in the program "
               "and net.core.rmem_max; a larger buffer helps against bursts only.",
     .make = make_check<UdpDrops>},
    {.id = "raw-drops",
     .looks = RuleLooks::two,
     .protocols = {Protocol::raw, Protocol::packet_raw, Protocol::packet_dgram, Protocol::netlink},
     .states = kAllStates,
     .needs = {Field::drops},
     .uses = {Field::inode, Field::uid, Field::cookie},
     .owners = true,
     .processes = kOwnerFields,
     .condition = "drops of raw, packet and netlink sockets that grow between two looks",
     .note = "always a note",
     .guard = "tcpdump and its like may lose packets",
     .meaning = "A program that listens to events of the kernel or to packets has lost some: udev, NetworkManager and "
                "routing daemons may then believe something that is no longer true.",
     .advice = "Restart the program if it does not resynchronize. A larger receive buffer (SO_RCVBUFFORCE) helps "
               "against bursts.",
     .make = make_check<RawDrops>},
};

}  // namespace

std::span<const Rule> loss_rules() { return kLossRules; }

}  // namespace duostat
