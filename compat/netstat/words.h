// netstat's words for states and timers.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/model/protocol.h"
#include "src/model/socket.h"
#include "src/model/state.h"

namespace duostat::netstat {

/// TCP's, which SCTP borrows; "UNKNOWN" for a number without a name.
std::string_view tcp_state(State state);
/// UDP and UDP-Lite: only two states mean something to them.
std::string_view datagram_state(State state);
/// Socket type of a UNIX socket.
std::string_view unix_type(unsigned type);
/// enum socket_state; `listening` is SO_ACCEPTCON.
std::string_view unix_state(unsigned socket_state, bool listening);

/// ss's message about an answer that the kernel changed in the middle.
inline constexpr std::string_view kInterruptedDump = "Dump was interrupted and may be inconsistent.";

/// Longest text that format_timer writes.
inline constexpr int kTimerTextMax = 112;
/// "on (1.00/2/3)": the timer, seconds until it fires, retransmits and probes. Counts that no backend told are '-'.
char* format_timer(char* at, const Socket& socket) noexcept;

}  // namespace duostat::netstat
