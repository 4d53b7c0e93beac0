// Bytes a second of TCP connections, from the counters of two looks (--rate).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "src/render/column.h"

namespace duostat {

/// Keeps 24 bytes per connection and look, three looks, in buffers that are reused: many looks take no more memory.
class RateTable final : public ByteRates {
 public:
  /// The look before becomes the one that rates are relative to. `now_ns`: CLOCK_MONOTONIC.
  void begin_look(std::int64_t now_ns);
  /// Notes the counters of a TCP socket: tcpi_bytes_acked, tcpi_bytes_received.
  void add(const Socket& socket);
  /// Notes a connection that has ended, with its last counters, for the next look.
  void add_ended(const Socket& socket);
  /// Calls `visit` with each connection that was noted before this look began. Such a socket has its endpoints, cookie
  /// and counters. It is valid during the call.
  template <class Visit>
  void each_ended(Visit&& visit) const {
    for (const Ended& ended : ended_) {
      InetDetail detail{};
      detail.tcp_info.value.bytes_acked = ended.sent;
      detail.tcp_info.value.bytes_received = ended.received;
      detail.tcp_info.length = sizeof(TcpInfo);
      Socket socket = ended.socket;
      socket.inet = &detail;
      visit(static_cast<const Socket&>(socket));
    }
  }
  /// `whole`: every connected socket was offered, so that one which the next look adds was opened after this one.
  void end_look(bool whole);
  /// Forgets both looks.
  void clear();

  /// A connection that is new since a whole look sent and received all its bytes since then.
  std::optional<ByteRate> of(const Socket& socket) const override;
  /// Two looks were taken.
  bool measures() const { return begun_ >= 2; }

 private:
  struct Bytes {
    std::uint64_t cookie, sent, received;
  };
  struct Ended {
    Socket socket;  ///< without pointers
    std::uint64_t sent, received;
  };
  static const Bytes* find(const std::vector<Bytes>& look, std::uint64_t cookie);
  static std::optional<Bytes> bytes_of(const Socket& socket);

  /// The looks, the earlier two sorted by cookie. The earliest is kept for connections whose end message arrives
  /// after the next look, which no longer has them.
  std::vector<Bytes> earliest_, before_, now_;
  std::vector<Ended> ended_, ended_since_;
  std::int64_t before_ns_ = 0, now_ns_ = 0;
  bool before_whole_ = false, now_whole_ = false;
  unsigned begun_ = 0;  ///< looks, up to 2
};

}  // namespace duostat
