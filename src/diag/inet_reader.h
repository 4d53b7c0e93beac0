// Decodes the messages of one protocol's dumps into sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "src/diag/held_answer.h"
#include "src/diag/inet.h"
#include "src/diag/inet_requests.h"

namespace duostat {

/// True if the payload, an inet_diag_msg, is of an IPv6 socket.
inline bool is_about_ipv6(Bytes payload) noexcept {
  return !payload.empty() && static_cast<Family>(payload[0]) == Family::inet6;
}

/// False if the payload is of a listening or bound socket.
inline bool is_about_connection(Bytes payload) noexcept {
  constexpr StateMask kOthers = kWithoutPeer | mask_of(State::close);
  return payload.size() > 1 && !in_mask(kOthers, static_cast<State>(payload[1]));
}

/// The uids of listeners. The kernel does not report a uid for a connection request in SYN-RECV (inet_req_diag_fill());
/// it is that of the listener (get_openreq4() in /proc/net/tcp), and a dump begins with the listeners.
class ListenerUids {
 public:
  void add(const Socket& listener);
  /// Fills the uid of a request from the listener that matches it best: an address rather than a wildcard, a device
  /// rather than any. Leaves it absent if no listener matches, or if equally good ones disagree.
  void fill(Socket& request);

 private:
  struct Row {
    std::uint32_t port;
    Family family;
    std::uint32_t ifindex, uid;
    Address address;
  };
  static int fitness(const Row& row, const Socket& request) noexcept;

  std::vector<Row> rows_;
  bool sorted_ = false;
};

class InetReader {
 public:
  /// Both references must outlive this.
  InetReader(Dump& dump, const Query& query, Protocol protocol);

  /// The bits of idiag_ext to request.
  std::uint32_t extensions() const noexcept { return attributes_.ask() & 0xff; }
  AttributeMask unread() const noexcept { return attributes_.unread(); }

  /// From here on, skips rows of other families.
  void accept_only(FamilySet families) noexcept { families_ = families; }
  /// From here on, keeps messages about IPv6 there, undecoded. Null: no longer.
  void set_aside(HeldAnswer* held) noexcept { held_ = held; }

  /// Dump::Decode.
  Dump::Decoded operator()(Bytes payload, Socket& socket, std::size_t slot);

 private:
  bool decode(Bytes payload, Socket& socket, InetDetail& detail);
  bool is_of_mptcp();

  Dump& dump_;
  const Query& query_;
  Protocol protocol_;
  InetAttributes attributes_;
  std::optional<bool> of_mptcp_;           ///< the table contains MPTCP sockets, not TCP ones; nullopt: not yet known
  std::unique_ptr<InetDetail[]> details_;  ///< allocated for the first row, to save nine pages on an idle host
  bool resolve_uid_;
  FamilySet families_;
  HeldAnswer* held_ = nullptr;
  ListenerUids listeners_;
};

}  // namespace duostat
