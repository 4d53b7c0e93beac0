// SOCK_DESTROY: closes other processes' inet sockets (kernel: net/core/sock_diag.c, CONFIG_INET_DIAG_DESTROY).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/diag/transport.h"
#include "src/model/socket.h"

namespace duostat {

/// A transport of its own: answers must not get between those of a dump that is being read.
class SocketDestroyer {
 public:
  OpenError open(const OpenTransport& open_transport);

  /// Has the kernel abort the socket that has these addresses, ports, device and cookie: its owner reads ECONNABORTED.
  /// Returns 0 or the kernel's errno: EPERM without CAP_NET_ADMIN, ENOENT where there is no such socket any more,
  /// EOPNOTSUPP for protocols and kernels that cannot; or that of a system call that failed. MPTCP sockets are not found.
  int destroy(const Socket& socket);

 private:
  int answer();

  std::unique_ptr<Transport> transport_;
  std::vector<std::byte> buffer_;
  std::uint32_t sequence_ = 0;
};

}  // namespace duostat
