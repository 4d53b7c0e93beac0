// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/inet.h"

#include <arpa/inet.h>

#include <cstring>

namespace duostat {
namespace {

constexpr FieldSet kInetMessageFields{Field::queues, Field::inode,       Field::cookie,
                                      Field::timer,  Field::timer_count, Field::interface};
/// Protocols that never retransmit: both counters are zero.
constexpr ProtocolSet kConnectionless{Protocol::udp, Protocol::udplite, Protocol::raw};
/// Protocols whose listeners report their backlog and its limit instead of bytes.
constexpr ProtocolSet kBacklogInQueues{Protocol::tcp, Protocol::sctp, Protocol::mptcp};

void fill_fixed(const uapi::InetMessage& m, Protocol protocol, Socket& socket) noexcept {
  socket.protocol = protocol;
  socket.family = socket.local.family = socket.remote.family = static_cast<Family>(m.family);
  socket.state = static_cast<State>(m.state);
  socket.present = kInetMessageFields;
  std::memcpy(socket.local.address.data(), m.id.source, sizeof m.id.source);
  std::memcpy(socket.remote.address.data(), m.id.destination, sizeof m.id.destination);
  socket.local.port = ntohs(m.id.source_port_be);
  socket.remote.port = ntohs(m.id.destination_port_be);
  socket.ifindex = m.id.ifindex;
  socket.cookie = uapi::cookie_of(m.id.cookie);
  socket.inode = m.inode;
  socket.timer = static_cast<Timer>(m.timer);
  socket.timer_ms = m.expires;
  socket.timer_count = m.retransmits;
  socket.rqueue = m.rqueue;

  if (socket.state == State::listen && kBacklogInQueues.has(protocol)) {
    socket.backlog_limit = m.wqueue;
    socket.present.add(Field::backlog);
  } else {
    socket.wqueue = m.wqueue;
  }
  socket.uid = m.uid;
  if (kConnectionless.has(protocol) || socket.state == State::time_wait) socket.present.add(Field::retransmits);
}

}  // namespace

bool decode_inet(Bytes payload, Protocol protocol, const InetAttributes& attributes, Socket& socket, InetDetail& detail,
                 Coverage& coverage) noexcept {
  uapi::InetMessage message;
  if (!read_at(payload, 0, message)) return false;
  fill_fixed(message, protocol, socket);
  if (protocol == Protocol::sctp) detail.sctp_info = detail.local_addresses = detail.peer_addresses = {};
  InetTarget target{socket, detail};
  attributes.decode(AttributeWalk(payload, sizeof message), target, coverage);
  if (!is_connection_request(socket)) socket.present.add(Field::uid);
  return true;
}

Protocol protocol_in(Bytes payload, Protocol otherwise) noexcept {
  AttributeWalk walk(payload, sizeof(uapi::InetMessage));
  Attribute attribute;
  std::uint8_t number = 0;
  while (walk.next(attribute))
    if (attribute.type == uapi::kInetProtocol && read_at(attribute.value, 0, number))
      for (const ProtocolRow& row : kProtocols)
        if (kInetProtocols.has(row.protocol) && row.ip_protocol == number) return row.protocol;
  return otherwise;
}

FieldSet inet_knows(Protocol protocol) {
  FieldSet fields = kInetMessageFields | FieldSet{Field::uid} | known_fields(inet_attribute_rows(), protocol);
  if (kBacklogInQueues.has(protocol)) fields.add(Field::backlog);
  if (kConnectionless.has(protocol)) fields.add(Field::retransmits);
  return fields;
}

}  // namespace duostat
