// Reads a ring buffer that a BPF program fills (kernel: kernel/bpf/ringbuf.c).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "src/base/bytes.h"
#include "src/base/fd.h"
#include "src/base/function_ref.h"
#include "src/bpf/call.h"
#include "src/bpf/iterator.h"

namespace duostat {

/// The records between two positions, which count on for ever. `data` has the buffer twice, one after the other, so
/// that no record is cut. Passes whole records, and returns the position behind the last; it stops at a record that is
/// still being written.
std::uint64_t read_ring_records(Bytes data, std::uint64_t from, std::uint64_t to, FunctionRef<void(Bytes)> take);

/// A map of type BPF_MAP_TYPE_RINGBUF, and its memory.
class BpfRing {
 public:
  BpfRing() noexcept = default;
  BpfRing(const BpfRing&) = delete;
  BpfRing& operator=(const BpfRing&) = delete;
  ~BpfRing();

  /// Creates it with `size` bytes, a power of two of pages. False, with the reason in `failure`, if it fails.
  bool open(BpfCall& kernel, std::size_t size, BpfFailure& failure);
  int fd() const noexcept { return map_.get(); }
  /// Passes the records that are there.
  void read(FunctionRef<void(Bytes)> take);

 private:
  Fd map_;
  std::size_t size_ = 0, page_ = 0;
  std::byte* consumer_ = nullptr;  ///< one page, with the position up to which was read
  std::byte* producer_ = nullptr;  ///< one page with the position of the newest record, then the data twice
};

/// A map of type BPF_MAP_TYPE_ARRAY with one number of 8 bytes, which a program counts up. No descriptor, with the
/// reason in `failure`, if it fails.
Fd make_counter(BpfCall& kernel, BpfFailure& failure);
/// The number; 0 if it cannot be read.
std::uint64_t read_counter(BpfCall& kernel, int map);

}  // namespace duostat
