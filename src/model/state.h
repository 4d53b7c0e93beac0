// Socket states. The numbers are the kernel's (include/net/tcp_states.h) and are used for all families, as sock_diag
// does.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace duostat {

/// A state as reported by the kernel. A number without a name here is kept, and printed as a number or as unknown.
enum class State : std::uint8_t {
  unknown = 0,
  established = 1,
  syn_sent = 2,
  syn_recv = 3,
  fin_wait1 = 4,
  fin_wait2 = 5,
  time_wait = 6,
  close = 7,  ///< also: connectionless socket without a peer
  close_wait = 8,
  last_ack = 9,
  listen = 10,
  closing = 11,
  new_syn_recv = 12,     ///< never reported: shown as syn_recv
  bound_inactive = 13,   ///< in requests only: such sockets arrive as close (Linux 6.8)
};

/// A set of states in the kernel's form: bit N is state N.
using StateMask = std::uint32_t;

constexpr StateMask mask_of(State state) { return StateMask{1} << static_cast<unsigned>(state); }
template <class... States>
constexpr StateMask mask_of(State first, States... rest) {
  return mask_of(first) | mask_of(rest...);
}
constexpr bool in_mask(StateMask mask, State state) {
  return static_cast<unsigned>(state) < 32 && (mask >> static_cast<unsigned>(state) & 1) != 0;
}

/// Every bit that sock_diag and the state words use, including bit 0 and the two request-only states (iproute2 7.1).
inline constexpr StateMask kAllStates = 0x3fff;

}  // namespace duostat
