// Messages that came too early, kept until their turn.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/diag/transport.h"

namespace duostat {

/// Copies of sock_diag messages. It is used as a transport: receive() hands them out in the order in which they were added, and then
/// NLMSG_DONE, whatever was asked.
class HeldAnswer final : public Transport {
 public:
  /// Bytes that are held at most.
  static constexpr std::size_t kMaxHeldBytes = std::size_t{2} << 20;

  /// Keeps the payload of a message. If there is no room left, all is dropped, and nothing kept any more.
  void add(Bytes payload);
  bool empty() const noexcept { return chunks_.empty(); }
  /// True if something was dropped.
  bool overflowed() const noexcept { return overflowed_; }

  /// From here on from the first message.
  int send(Bytes) noexcept override { return next_ = 0, done_ = false, 0; }
  /// `buffer` holds kChunk bytes at least.
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
