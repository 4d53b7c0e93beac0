// A counter of 64 bits in memory that is shared with the kernel, like the positions of a ring.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace duostat {

/// std::atomic_ref, which libc++ lacks before version 19, for the orders that rings need.
class SharedCounter {
 public:
  /// `at` is aligned to 8 bytes and outlives the object.
  explicit SharedCounter(std::byte* at) : at_(reinterpret_cast<std::uint64_t*>(at)) {}

  std::uint64_t load_relaxed() const { return __atomic_load_n(at_, __ATOMIC_RELAXED); }
  std::uint64_t load_acquire() const { return __atomic_load_n(at_, __ATOMIC_ACQUIRE); }
  void store_release(std::uint64_t value) const { __atomic_store_n(at_, value, __ATOMIC_RELEASE); }

 private:
  std::uint64_t* at_;
};

}  // namespace duostat
