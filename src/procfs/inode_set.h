// A set of inodes, for listings that know their sockets before they ask who holds them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace duostat {

class InodeSet {
 public:
  /// Room for `most` inodes. Inode 0 is never in the set.
  explicit InodeSet(std::size_t most) : slots_(std::bit_ceil(most * 2 + 1)) {}

  void add(std::uint64_t inode) { slots_[place(inode)] = inode; }
  bool has(std::uint64_t inode) const noexcept { return inode != 0 && slots_[place(inode)] == inode; }

 private:
  std::size_t place(std::uint64_t inode) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = (inode * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (slots_[slot] != 0 && slots_[slot] != inode) slot = (slot + 1) & mask;
    return slot;
  }
  std::vector<std::uint64_t> slots_;  ///< at most half of them used; 0: free
};

}  // namespace duostat
