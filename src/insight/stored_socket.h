// Copies a socket so that it outlives its batch.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/model/socket.h"

namespace duostat {

/// A deep copy. It points into itself, so it is neither copied nor moved.
class StoredSocket {
 public:
  explicit StoredSocket(const Socket& socket);
  StoredSocket(const StoredSocket&) = delete;
  StoredSocket& operator=(const StoredSocket&) = delete;

  const Socket& socket() const { return socket_; }

 private:
  struct Rings {
    PacketRing rx, tx;
  };
  void keep_inet();
  void keep_unix();
  void keep_packet();
  Bytes keep(Bytes bytes);
  std::string_view keep(std::string_view text);

  Socket socket_;
  std::unique_ptr<InetDetail> inet_;
  std::unique_ptr<UnixDetail> unix_;
  std::unique_ptr<PacketDetail> packet_;
  std::unique_ptr<NetlinkDetail> netlink_;
  std::unique_ptr<TipcDetail> tipc_;
  std::unique_ptr<XdpDetail> xdp_;
  std::unique_ptr<Rings> rings_;
  std::vector<std::unique_ptr<char[]>> bytes_;
  std::vector<std::uint32_t> pending_;
};

}  // namespace duostat
