// The entries of an OwnerIndex, and the hash table from inodes to entries.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/procfs/owners.h"

namespace duostat {

/// Entries in the order of process, task and descriptor, in one or two shards. An open-addressing table, built after
/// the scan, leads from an inode to its last entry, and each entry to the one before it.
struct OwnerIndex::Table {
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kSecondShard = 0x80000000;  ///< bit in an entry's number

  struct Text {
    std::uint32_t offset = 0, length = 0;
  };
  struct Task {
    std::uint32_t pid, tid;
    Text comm, argv0, context;
  };
  struct Entry {
    std::uint32_t inode_low, inode_high;  ///< two halves: twenty bytes per entry, not twenty-four
    std::uint32_t task, fd;
    std::uint32_t before;  ///< the previous entry of the same inode

    std::uint64_t inode() const noexcept { return std::uint64_t{inode_high} << 32 | inode_low; }
  };
  /// The sizes of a shard at some moment, for return_to().
  struct Mark {
    OwnerCoverage coverage;
    std::size_t entries, tasks, text;
  };
  /// The entries that one scanner found.
  struct Shard {
    OwnerCoverage coverage;
    std::vector<Entry> entries;
    std::vector<Task> tasks;
    std::string text;

    Text keep(std::string_view bytes) {
      const Text kept{static_cast<std::uint32_t>(text.size()), static_cast<std::uint32_t>(bytes.size())};
      text.append(bytes);
      return kept;
    }
    Mark mark() const noexcept { return {coverage, entries.size(), tasks.size(), text.size()}; }
    /// Discards everything after `mark`.
    void return_to(const Mark& mark) noexcept {
      coverage = mark.coverage;
      entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(mark.entries), entries.end());
      tasks.erase(tasks.begin() + static_cast<std::ptrdiff_t>(mark.tasks), tasks.end());
      text.erase(mark.text);
    }
    void add(std::uint64_t inode, std::uint32_t task, std::uint32_t fd) {
      entries.push_back({static_cast<std::uint32_t>(inode), static_cast<std::uint32_t>(inode >> 32), task, fd, kNone});
    }
  };
  /// The entries of one process.
  struct Range {
    std::uint32_t begin = 0, end = 0;
    bool missed = false;  ///< descriptors or memory ran out: it has no entries
  };

  OwnerCoverage coverage;
  Shard shards[2];
  /// none, or a power of two of them, at most half of them used: last entries or kNone.
  std::vector<std::uint32_t> slots;

  Entry& at(std::uint32_t number) { return shards[number / kSecondShard].entries[number % kSecondShard]; }
  const Entry& at(std::uint32_t number) const { return shards[number / kSecondShard].entries[number % kSecondShard]; }
  Owner owner(std::uint32_t number) const {
    const Shard& shard = shards[number / kSecondShard];
    const Entry& e = at(number);
    const Task& task = shard.tasks[e.task];
    const auto view = [&](Text t) { return std::string_view(shard.text).substr(t.offset, t.length); };
    return {task.pid, task.tid, e.fd, view(task.comm), view(task.argv0), view(task.context)};
  }

  /// Returns the slot of `inode`, or the free slot where it belongs.
  std::size_t place(std::uint64_t inode) const {
    const std::size_t mask = slots.size() - 1;
    // Fibonacci hashing spreads neighbouring inodes, the usual case, far apart.
    std::size_t slot = (inode * 0x9e3779b97f4a7c15u >> 32) & mask;
    while (slots[slot] != kNone && at(slots[slot]).inode() != inode) slot = (slot + 1) & mask;
    return slot;
  }
  /// Returns the last entry of `inode`, or kNone.
  std::uint32_t last(std::uint64_t inode) const {
    return inode == 0 || slots.empty() ? kNone : slots[place(inode)];
  }

  /// Builds the hash table; `ranges` lists the processes in order.
  void index(std::span<const Range> ranges) {
    const std::size_t entries = shards[0].entries.size() + shards[1].entries.size();
    if (entries == 0) return;
    slots.assign(std::bit_ceil(entries * 2), kNone);
    for (const Range& range : ranges) {
      for (std::uint32_t number = range.begin; number != range.end; ++number) {
        Entry& entry = at(number);
        std::uint32_t& slot = slots[place(entry.inode())];
        entry.before = std::exchange(slot, number);
      }
    }
  }
};

}  // namespace duostat
