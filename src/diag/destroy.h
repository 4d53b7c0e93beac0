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

/// Uses its own transport, so that its answers do not mix with those of a dump in progress.
class SocketDestroyer {
 public:
  OpenError open(const OpenTransport& open_transport);

  /// Makes the kernel abort the socket with these addresses, ports, device and cookie; its owner reads ECONNABORTED.
  /// Returns 0 or the kernel's errno: EPERM without CAP_NET_ADMIN, ENOENT if the socket no longer exists, EOPNOTSUPP
  /// from protocols and kernels without support; or the errno of a failed system call. MPTCP sockets are not found.
  int destroy(const Socket& socket);

 private:
  int answer();

  std::unique_ptr<Transport> transport_;
  std::vector<std::byte> buffer_;
  std::uint32_t sequence_ = 0;
};

}  // namespace duostat
