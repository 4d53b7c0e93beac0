// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/selection.h"

#include <algorithm>

namespace duostat::netstat {
namespace {

constexpr Selection kSelections[] = {
    {&Request::all, "(servers and established)", true, true},
    {&Request::listening, "(only servers)", true, false},
    {nullptr, "(w/o servers)", false, true},
};

constexpr unsigned kUnconnected = 1;  // SS_UNCONNECTED (include/uapi/linux/net.h)

}  // namespace

const Selection& selection_of(const Request& request) {
  return *std::ranges::find_if(kSelections,
                               [&](const Selection& s) { return s.option == nullptr || request.*s.option; });
}

bool is_server(const Socket& s) {
  if (s.family == Family::unix_domain)
    return s.unix_domain->socket_state == kUnconnected && (s.unix_domain->flags & kAcceptsConnections) != 0;
  return s.protocol == Protocol::tcp ? s.remote.port == 0 : is_unspecified(s.remote.address);
}

StateMask tcp_states(const Selection& selection) {
  // /proc/net/tcp has no socket in one of these.
  constexpr StateMask kUnlisted = mask_of(State::unknown, State::close, State::bound_inactive);
  constexpr StateMask kServers = mask_of(State::listen), kOthers = kAllStates & ~kUnlisted & ~kServers;
  return (selection.servers ? kServers : 0) | (selection.others ? kOthers : 0);
}

}  // namespace duostat::netstat
