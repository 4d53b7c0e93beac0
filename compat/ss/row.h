// The cells of a row up to the peer's port, by family.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss/view.h"

namespace duostat::ss {

/// Each begins a row and fills the columns netid to peer_port.
void inet_cells(View& view, const Socket& socket);
void unix_cells(View& view, const Socket& socket);
void packet_cells(View& view, const Socket& socket);
void netlink_cells(View& view, const Socket& socket);
void vsock_cells(View& view, const Socket& socket);
void tipc_cells(View& view, const Socket& socket);
void xdp_cells(View& view, const Socket& socket);

/// IP protocol number of an inet row: what decides its Netid and which internals are decoded. 0 is a raw socket as
/// procfs tells it.
unsigned wire_protocol(const Socket& socket);
inline constexpr unsigned kUdp = row_of(Protocol::udp).ip_protocol, kSctp = row_of(Protocol::sctp).ip_protocol,
                          kMptcp = row_of(Protocol::mptcp).ip_protocol;

/// True for an inet row that was read from a text file.
inline bool from_text(const Socket& socket) { return !socket.has(Field::interface); }

/// The state that ss derives for a row of /proc/net/unix.
State unix_text_state(const Socket& socket);

/// --meanings: the words that the cells of a socket show.
RowWords words_of(const View& view, const Socket& socket);
/// --meanings: adds a line to the open last cell of a row.
void put_explanation(View& view, std::string_view line);

/// Names of sctp_info's states.
std::string_view sctp_state_word(unsigned state);

}  // namespace duostat::ss
