// Remembers the rows of a listing, so that another source can complete it without repeating them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/model/socket.h"

namespace duostat {

/// Takes 16 bytes per row. In doubt a row counts as new: showing it twice is better than losing it.
class SeenRows {
 public:
  /// What identifies two rows as one socket.
  enum class By : std::uint8_t {
    cookie,    ///< the kernel's socket cookie: both rows come from netlink
    identity,  ///< protocol, endpoints and inode: one row comes from a text file, without cookie or interface
  };

  /// Remembers the row. If memory runs out, the row counts as new later.
  void add(const Socket& socket) noexcept;

  /// Prepares take(). Throws std::bad_alloc.
  void index(By by);
  /// True if an equal row was remembered and not yet taken. Each remembered row is taken once, so equal rows are
  /// counted.
  bool take(const Socket& socket) noexcept;

 private:
  static constexpr std::size_t kBlock = 1024;  ///< rows; memory grows by 16 KiB without copying
  struct Row {
    std::uint64_t cookie, identity;
  };

  std::vector<std::unique_ptr<Row[]>> blocks_;
  std::size_t used_ = kBlock;  ///< rows used of the last block
  By by_ = By::cookie;
  std::vector<std::uint64_t> keys_;  ///< sorted
  std::vector<bool> taken_;
};

}  // namespace duostat
