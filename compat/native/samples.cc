// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/samples.h"

#include <cstring>
#include <optional>

namespace duostat::native {
namespace {

/// Fields without a pointer, or whose data may be zeros.
constexpr FieldSet kSampled{Field::queues,      Field::uid,           Field::inode,     Field::cookie,
                            Field::interface,   Field::refcount,      Field::unix_name, Field::unix_peer,
                            Field::unix_flags,  Field::packet_info,   Field::timer,     Field::timer_count,
                            Field::retransmits, Field::netlink_groups, Field::cgroup};

/// A state of `wanted` that the query selects.
std::optional<State> state_in(StateMask asked, std::initializer_list<State> wanted) {
  for (const State state : wanted)
    if (in_mask(asked, state)) return state;
  return std::nullopt;
}

/// 192.0.2.N and 2001:db8::N, reserved for documentation (RFC 5737, RFC 3849).
Address address_of(Family family, std::uint8_t last) {
  Address address{};
  if (family == Family::inet) return address = {192, 0, 2, last}, address;
  if (family == Family::inet6) address = {0x20, 0x01, 0x0d, 0xb8}, address[15] = last;
  return address;
}

void hand_out(Socket socket, Sink sink) {
  const InetDetail inet{};
  const UnixDetail unix_domain{};
  const PacketDetail packet{};
  const NetlinkDetail netlink{};
  const TipcDetail tipc{};
  const XdpDetail xdp{};
  socket.inet = &inet;
  socket.unix_domain = &unix_domain;
  socket.packet = &packet;
  socket.netlink = &netlink;
  socket.tipc = &tipc;
  socket.xdp = &xdp;
  sink(std::span<const Socket>(&socket, 1));
}

}  // namespace

void hand_out_samples(const Query& query, const BackendRow& backend, Sink sink) {
  constexpr std::uint32_t kPort = 22, kPeerPort = 443;  // well-known: outside of ip_local_port_range
  for (const ProtocolRow& row : kProtocols) {
    if (!query.protocols.has(row.protocol)) continue;
    for (const Family family : {Family::inet, Family::inet6, Family::unix_domain, Family::packet, Family::netlink,
                                Family::vsock, Family::tipc, Family::xdp}) {
      const bool inet = family == Family::inet || family == Family::inet6;
      if (!row.families.has(family) || (inet && !query.families.has(family))) continue;
      Socket socket;
      socket.protocol = row.protocol;
      socket.family = family;
      socket.type = row.type;
      socket.present = backend.knows(row.protocol) & kSampled;
      if (inet) socket.local.family = socket.remote.family = family;
      socket.local.address = address_of(family, 1);
      socket.local.port = inet ? kPort : 1;
      socket.ifindex = 1;
      socket.uid = 1;
      socket.inode = socket.cookie = socket.cgroup_id = 1;
      if (const auto state = state_in(query.states, {State::listen, State::close, State::unknown})) {
        socket.state = *state;
        hand_out(socket, sink);
      }
      socket.remote.address = address_of(family, 2);
      socket.remote.port = inet ? kPeerPort : 0;
      if (const auto state = state_in(
              query.states, {State::established, State::syn_sent, State::syn_recv, State::fin_wait1, State::fin_wait2,
                             State::time_wait, State::close_wait, State::last_ack, State::closing})) {
        socket.state = *state;
        hand_out(socket, sink);
      }
    }
  }
}

}  // namespace duostat::native
