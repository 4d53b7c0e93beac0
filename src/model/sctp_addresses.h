// The address lists of an SCTP socket, and its endpoints according to them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstring>
#include <optional>

#include "src/base/bytes.h"
#include "src/model/socket.h"

namespace duostat {

/// Length of a struct sockaddr_storage.
inline constexpr std::size_t kSockaddrStorage = 128;

/// Calls `take` with each address of a list of struct sockaddr_storage, as an Endpoint without a port. Skips families
/// other than inet and inet6.
template <class Take>
void each_sctp_address(Bytes list, Take take) {
  constexpr std::size_t kInetAt = 4, kInetSize = 4, kInet6At = 8;  // sin_addr, sin6_addr
  for (; list.size() >= kSockaddrStorage; list = list.subspan(kSockaddrStorage)) {
    std::uint16_t number = 0;
    read_at(list, 0, number);
    Endpoint end{.family = static_cast<Family>(number)};
    if (end.family == Family::inet)
      std::memcpy(end.address.data(), list.data() + kInetAt, kInetSize);
    else if (end.family == Family::inet6)
      read_at(list, kInet6At, end.address);
    else
      continue;
    take(end);
  }
}

/// Returns endpoint `end` of `socket` with its real address. `list`: the addresses of that endpoint.
///
/// sctp_diag reads every address of an IPv6 socket as an IPv6 address (inet_diag_msg_sctpasoc_fill()), so an IPv4
/// address arrives as zeros or garbage. Only the lists have the IPv4 addresses. An address that is not in its list is
/// replaced by the first IPv4 address of the list.
inline Endpoint known_end(const Socket& socket, const Endpoint& end, Bytes InetDetail::*list) {
  if (socket.protocol != Protocol::sctp || end.family != Family::inet6 || socket.inet == nullptr) return end;
  bool listed = false;
  std::optional<Endpoint> first_inet;
  each_sctp_address(socket.inet->*list, [&](const Endpoint& other) {
    listed = listed || (other.family == Family::inet6 && other.address == end.address);
    if (other.family == Family::inet && !first_inet) first_inet = other;
  });
  if (listed || !first_inet) return end;
  first_inet->port = end.port;
  return *first_inet;
}

}  // namespace duostat
