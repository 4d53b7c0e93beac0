// Recognizes the TCP sockets that carry an MPTCP connection, so that a connection counts once.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <tuple>
#include <unordered_set>

#include "src/model/socket.h"

namespace duostat {

/// The subflows of an MPTCP socket have its inode; while it waits for accept(2), both have none, and the endpoints are
/// those of the first subflow. (The kernel names the upper layer of a TCP socket only together with tcp_info, which
/// would cost every socket more.) Add every MPTCP socket first. Needs Field::inode.
class Subflows {
 public:
  void add(const Socket& mptcp) {
    if (mptcp.has(Field::inode) && mptcp.inode != 0) inodes_.insert(mptcp.inode);
    else waiting_.insert(key(mptcp));
  }
  bool has(const Socket& s) const {
    if (s.protocol != Protocol::tcp || s.state == State::time_wait) return false;
    if (inodes_.empty() && waiting_.empty()) return false;
    return s.has(Field::inode) && s.inode != 0 ? inodes_.contains(s.inode) : waiting_.contains(key(s));
  }

 private:
  using Key = std::tuple<Address, std::uint32_t, Address, std::uint32_t>;
  static Key key(const Socket& s) { return {s.local.address, s.local.port, s.remote.address, s.remote.port}; }

  std::unordered_set<std::uint64_t> inodes_;
  std::set<Key> waiting_;
};

}  // namespace duostat
