// What `duostat metrics` counts in one pass over sockets and processes. Texts are fit for labels (label_text()).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "src/insight/look_observer.h"
#include "src/insight/port_use.h"
#include "src/insight/totals.h"
#include "src/model/subflows.h"

namespace duostat {

/// The states by which owners' sockets are counted; all others are `other`.
enum class OwnerState : std::uint8_t { established, listen, close_wait, syn_sent, other, count_ };
inline constexpr std::size_t kOwnerStates = static_cast<std::size_t>(OwnerState::count_);
std::string_view word_of(OwnerState state);

class SocketTally final : public LookObserver {
 public:
  static constexpr std::size_t kStates = 16;

  struct Listening {
    std::uint64_t queue = 0, backlog = 0;  ///< connections; of the fullest socket with these labels
    std::uint64_t drops = 0;               ///< sum
    bool has_drops = false;
  };
  struct ListenerKey {
    std::string protocol, address, port, unit;
    bool operator<(const ListenerKey& other) const {
      return std::tie(protocol, address, port, unit) < std::tie(other.protocol, other.address, other.port, other.unit);
    }
  };
  struct DropKey {
    std::string port, unit;
    bool operator<(const DropKey& other) const { return std::tie(port, unit) < std::tie(other.port, other.unit); }
  };
  using OwnerCounts = std::array<std::uint64_t, kOwnerStates>;

  /// `subflows` knows every MPTCP socket, and must outlive this. `peers`: count connections by peer too.
  SocketTally(const Subflows& subflows, bool peers) : subflows_(subflows), count_peers_(peers) {}

  ProtocolSet protocols() const override;
  FieldSet wanted(Protocol protocol) const override;
  FactSet facts() const override;
  ProcessFields processes() const override;
  void begin(const Look& look) override;
  void socket(const Socket& socket) override;
  void table(ProtocolSet protocols, TableSight sight) override;
  void end(const Look& look) override;

  /// Whether all sockets of the protocol were read. False too if this kernel has no such table.
  bool whole(Protocol protocol) const { return whole_.has(protocol); }
  /// TCP: an MPTCP connection counts once, by its own state, and its subflows do not.
  std::uint64_t sockets(Protocol protocol, Family family, State state) const;
  std::uint64_t mptcp(Family family) const { return mptcp_[family == Family::inet6 ? 1 : 0]; }

  /// By unit or container: TCP and MPTCP sockets that processes hold.
  const std::map<std::string, OwnerCounts>& owners() const { return owners_; }
  const std::map<ListenerKey, Listening>& listeners() const { return listeners_; }
  /// Of UDP sockets without a peer.
  const std::map<DropKey, std::uint64_t>& udp_drops() const { return udp_drops_; }
  /// The largest share of the soft limit of descriptors, by unit or container.
  const std::map<std::string, double>& descriptors() const { return descriptors_; }
  /// False: some processes could not be counted.
  bool descriptors_whole() const { return descriptors_whole_; }

  const PortUse& ports() const { return ports_; }
  /// Microseconds, of established connections; sorts. 0 <= share <= 1; nullopt: no connection has one.
  std::optional<std::uint32_t> rtt_quantile(double share);
  /// Of open connections; nullopt if a connection has no such counter.
  std::optional<std::uint64_t> sent_bytes() const;
  std::optional<std::uint64_t> retransmitted_bytes() const;
  /// nullopt: could not be counted, or not here.
  std::optional<std::uint64_t> closed_sockets() const { return closed_; }
  const Totals& peers() const { return peers_; }

 private:
  void tcp(const Socket& socket);
  void connection(const Socket& socket);
  void listener(const Socket& socket);
  void udp(const Socket& socket);
  /// The label of the process that holds the socket.
  const std::string& unit_of(const Socket& socket);
  const std::string& unit_of_process(std::uint32_t pid);
  void count_descriptors(const DescriptorUses& uses);
  void count_closed(const Look& look);

  const Subflows& subflows_;
  const bool count_peers_;
  /// Labels of sockets that no process holds, and of those whose owner is not visible.
  const std::string kernel_ = "kernel", unknown_ = "unknown";
  const Look* look_ = nullptr;
  ProtocolSet whole_;
  std::uint64_t counts_[static_cast<std::size_t>(Protocol::count_)][2][kStates] = {};
  std::uint64_t mptcp_[2] = {};
  std::map<std::string, OwnerCounts> owners_;
  std::unordered_map<std::uint32_t, std::pair<const std::string*, OwnerCounts*>> by_process_;
  std::map<ListenerKey, Listening> listeners_;
  std::map<DropKey, std::uint64_t> udp_drops_;
  std::map<std::string, double> descriptors_;
  bool descriptors_whole_ = true;
  PortUse ports_;
  std::vector<std::uint32_t> rtts_;
  std::uint64_t open_ = 0, with_bytes_ = 0, sent_ = 0, retransmitted_ = 0;
  std::optional<std::uint64_t> closed_;
  Totals peers_;
};

}  // namespace duostat
