// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/vsock.h"

namespace duostat {
namespace {

constexpr std::uint8_t kStream = 1, kDatagram = 2;  // SOCK_*
constexpr FieldSet kVsockMessageFields{Field::inode, Field::cookie, Field::shutdown};

}  // namespace

Dump::Outcome dump_vsock(Dump& dump, const Query& query) {
  uapi::VsockRequest body{};
  body.family = static_cast<std::uint8_t>(Family::vsock);
  body.states = query.states;
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, dump.next_sequence());
  request.put(body);

  // The kernel sends no attributes, so there is nothing else to request.
  return dump.run(request.bytes(), "vsock", [&](Bytes payload, Socket& socket, std::size_t) {
    uapi::VsockMessage message;
    if (!read_at(payload, 0, message)) return Dump::Decoded::malformed;
    socket.protocol = vsock_protocol(message.type);
    // quirk: vsock-other-types a type that has no table of its own (SOCK_SEQPACKET) is in every one.
    const bool has_table = message.type == kStream || message.type == kDatagram;
    if (has_table && !query.protocols.has(socket.protocol)) return Dump::Decoded::skipped;
    socket.family = Family::vsock;
    socket.type = message.type;
    socket.state = static_cast<State>(message.state);
    socket.shutdown = message.shutdown;
    socket.local.node = message.source_cid;
    socket.local.port = message.source_port;
    socket.remote.node = message.destination_cid;
    socket.remote.port = message.destination_port;
    socket.inode = message.inode;
    socket.cookie = uapi::cookie_of(message.cookie);
    socket.present = kVsockMessageFields;
    return Dump::Decoded::row;
  });
}

FieldSet vsock_knows() { return kVsockMessageFields; }

}  // namespace duostat
