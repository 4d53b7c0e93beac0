// Buffers IPv6 messages until IPv4 is done.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/diag/transport.h"

namespace duostat {

/// Copies of sock_diag messages. Used as a transport: receive() returns the messages in the order in which they were
/// added, then NLMSG_DONE, for any request.
class HeldAnswer final : public Transport {
 public:
  /// In bytes.
  static constexpr std::size_t kMaxHeldBytes = std::size_t{2} << 20;

  /// Keeps the payload of a message. If the limit is exceeded, drops all messages and keeps no more.
  void add(Bytes payload);
  bool empty() const noexcept { return chunks_.empty(); }
  /// True if messages were dropped.
  bool overflowed() const noexcept { return overflowed_; }

  /// Starts again at the first message.
  int send(Bytes) noexcept override { return next_ = 0, done_ = false, 0; }
  /// `buffer` must have at least kChunk bytes.
  Received receive(std::span<std::byte> buffer) noexcept override;
  std::uint32_t port_id() const noexcept override { return 0; }

 private:
  static constexpr std::size_t kChunk = 32768;
  struct Chunk {
    std::unique_ptr<std::byte[]> data;
    std::size_t size;
  };
  std::vector<Chunk> chunks_;
  std::size_t next_ = 0;
  bool overflowed_ = false, done_ = false;
};

}  // namespace duostat
