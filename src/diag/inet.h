// inet_diag: TCP, UDP, UDP-Lite, raw, DCCP, SCTP and MPTCP sockets (kernel: net/ipv4/inet_diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/attribute_table.h"
#include "src/diag/dump.h"

namespace duostat {

/// What the decoders of inet attributes write into.
struct InetTarget {
  Socket& socket;
  InetDetail& detail;
};
using InetAttributes = AttributeTable<InetTarget>;

std::span<const AttributeRow<InetTarget>> inet_attribute_rows();

/// The attributes in force for a query about `protocol`.
InetAttributes inet_attributes(FieldSet wanted, Protocol protocol, bool everything);

/// Reads an inet_diag_msg and its attributes. `detail` is written and pointed to only where something rare was received.
/// False if the payload is shorter than the fixed part.
bool decode_inet(Bytes payload, Protocol protocol, const InetAttributes& attributes, Socket& socket, InetDetail& detail,
                 Coverage& coverage) noexcept;

/// A connection request in SYN-RECV, of which the kernel tells no uid (inet_req_diag_fill()). Other sockets in that state are full
/// sockets, those of TCP Fast Open: accepted ones have an inode, and all have INET_DIAG_SHUTDOWN. Asking for Field::uid reads it.
inline bool is_connection_request(const Socket& socket) noexcept {
  return socket.state == State::syn_recv && socket.inode == 0 && !socket.has(Field::shutdown);
}

/// The inet protocol that an INET_DIAG_PROTOCOL attribute of the message names, else `otherwise`. Dumps answer with the
/// protocol asked for; recorded ones and events may hold several.
Protocol protocol_in(Bytes payload, Protocol otherwise) noexcept;

/// Dumps the table of `protocol`: IPv4, then IPv6, as query.families says. `filter_bytecode` may be empty.
/// Where the kernel refuses and the protocol has the request of before Linux 3.3 (TCP, DCCP), that is tried once.
Dump::Outcome dump_inet(Dump& dump, const Query& query, Protocol protocol, Bytes filter_bytecode);

FieldSet inet_knows(Protocol protocol);

}  // namespace duostat
