// Which sockets -a, -l or neither of them selects.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "compat/netstat/options.h"
#include "src/model/socket.h"
#include "src/model/state.h"

namespace duostat::netstat {

/// A row of the table of selections.
struct Selection {
  bool Request::*option;     ///< null: none was given
  std::string_view heading;  ///< ends the heading of a socket table
  bool servers, others;      ///< the sockets that it selects

  bool selects(bool server) const { return server ? servers : others; }
};
/// The first row whose option was given.
const Selection& selection_of(const Request& request);

inline constexpr std::uint32_t kAcceptsConnections = 1 << 16;  ///< __SO_ACCEPTCON, a flag of /proc/net/unix

/// Whether netstat considers the socket a server. TCP: the remote port is 0. Other Internet protocols: the remote
/// address is unspecified. UNIX: the socket accepts connections and has none (needs Field::unix_flags).
bool is_server(const Socket& socket);
/// Whether -a and -l select a socket.
inline bool selects(const Selection& selection, const Socket& socket) { return selection.selects(is_server(socket)); }

/// The states of TCP that a kernel can be asked for instead of all.
StateMask tcp_states(const Selection& selection);

}  // namespace duostat::netstat
