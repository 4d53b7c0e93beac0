// Reads TCP, UDP, UDP-Lite, raw, DCCP, SCTP and MPTCP sockets by inet_diag (kernel: net/ipv4/inet_diag.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/attribute_table.h"
#include "src/diag/dump.h"

namespace duostat {

/// The target of the decoders of inet attributes.
struct InetTarget {
  Socket& socket;
  InetDetail& detail;
};
using InetAttributes = AttributeTable<InetTarget>;

std::span<const AttributeRow<InetTarget>> inet_attribute_rows();

/// The attributes in force for a query about `protocol`.
InetAttributes inet_attributes(FieldSet wanted, Protocol protocol, bool everything);

/// Decodes an inet_diag_msg and its attributes. `socket` points to `detail` only if one of its members was received.
/// False if the payload is shorter than the fixed part.
bool decode_inet(Bytes payload, Protocol protocol, const InetAttributes& attributes, Socket& socket, InetDetail& detail,
                 Coverage& coverage) noexcept;

/// True for a connection request in SYN-RECV, for which the kernel sends no uid (inet_req_diag_fill()). Other sockets
/// in that state are full sockets of TCP Fast Open: accepted ones have an inode, and all have INET_DIAG_SHUTDOWN, which
/// is therefore decoded if Field::uid is wanted.
inline bool is_connection_request(const Socket& socket) noexcept {
  return socket.state == State::syn_recv && socket.inode == 0 && !socket.has(Field::shutdown);
}

/// The inet protocol in the INET_DIAG_PROTOCOL attribute of the message, else `otherwise`. A dump has the requested
/// protocol only; recordings and events may have several.
Protocol protocol_in(Bytes payload, Protocol otherwise) noexcept;

/// Dumps the table of `protocol`: IPv4, then IPv6, as query.families says. `filter_bytecode` may be empty. If the
/// kernel refuses and the protocol has a request from before Linux 3.3 (TCP, DCCP), that is tried once.
Dump::Outcome dump_inet(Dump& dump, const Query& query, Protocol protocol, Bytes filter_bytecode);

FieldSet inet_knows(Protocol protocol);

}  // namespace duostat
