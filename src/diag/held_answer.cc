// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/held_answer.h"

#include <algorithm>
#include <utility>

#include "src/diag/message.h"

namespace duostat {

void HeldAnswer::add(Bytes payload) {
  if (overflowed_) return;
  const uapi::MessageHeader header{.length = static_cast<std::uint32_t>(sizeof header + payload.size()),
                                   .type = uapi::kSockDiagByFamily,
                                   .flags = 0,
                                   .sequence = 0,
                                   .port_id = 0};
  const std::size_t size = uapi::aligned(header.length);
  if (chunks_.empty() || size > kChunk - chunks_.back().size) {
    if (size > kChunk || (chunks_.size() + 1) * kChunk > kMaxHeldBytes) {
      chunks_.clear();
      overflowed_ = true;
      return;
    }
    chunks_.push_back({std::make_unique_for_overwrite<std::byte[]>(kChunk), 0});
  }
  Chunk& chunk = chunks_.back();
  std::byte* at = chunk.data.get() + chunk.size;
  at = std::ranges::copy(std::as_bytes(std::span(&header, 1)), at).out;
  at = std::ranges::copy(payload, at).out;
  std::fill(at, chunk.data.get() + chunk.size + size, std::byte{});  // padding
  chunk.size += size;
}

Transport::Received HeldAnswer::receive(std::span<std::byte> buffer) noexcept {
  if (next_ != chunks_.size()) {
    const Chunk& chunk = chunks_[next_++];
    std::ranges::copy(Bytes(chunk.data.get(), chunk.size), buffer.begin());
    return {.size = chunk.size};
  }
  if (std::exchange(done_, true)) return {.error = ENODATA};
  struct {
    uapi::MessageHeader header{
        .length = sizeof header + sizeof error, .type = uapi::kDone, .flags = 0, .sequence = 0, .port_id = 0};
    std::int32_t error = 0;
  } done;
  std::ranges::copy(std::as_bytes(std::span(&done, 1)), buffer.begin());
  return {.size = sizeof done};
}

}  // namespace duostat
