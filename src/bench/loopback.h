// Loopback TCP helpers.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "src/base/fd.h"

namespace duostat::bench {

/// 127.`network`.0.0 plus `host`.
inline sockaddr_in loopback(std::uint32_t network, std::uint32_t host, std::uint16_t port) noexcept {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(127u << 24 | network << 16 | host);
  return address;
}

inline Fd tcp_socket() noexcept { return Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)); }

/// Opens a listening socket. On failure returns no descriptor, with errno set.
inline Fd listener_at(const sockaddr_in& address) noexcept {
  Fd fd = tcp_socket();
  const int one = 1;
  if (!fd) return fd;
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd.get(), 128) != 0)
    return Fd();
  return fd;
}

/// Makes close(2) send a reset, which leaves no TIME-WAIT: closed connections are gone, and closing many is fast.
inline void reset_when_closed(const Fd& fd) noexcept {
  const linger reset{1, 0};
  (void)::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

/// Opens both ends of a connection to `listener`, which listens at `to`. Returns 0 or errno. If `from` is null, the
/// kernel chooses the address.
inline int connect_to(const Fd& listener, const sockaddr_in& to, const sockaddr_in* from, Fd& client,
                      Fd& server) noexcept {
  client = tcp_socket();
  if (!client) return errno;
  if (from != nullptr && ::bind(client.get(), reinterpret_cast<const sockaddr*>(from), sizeof *from) != 0) return errno;
  if (::connect(client.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) return errno;
  reset_when_closed(client);
  server = Fd(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
  return server ? 0 : errno;
}

}  // namespace duostat::bench
