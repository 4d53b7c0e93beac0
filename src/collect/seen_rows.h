// Remembers the rows of a listing, so that after a source broke off another can be asked without repeating them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "src/model/socket.h"

namespace duostat {

/// Sixteen bytes a row. In doubt a row counts as new: it is better shown twice than lost.
class SeenRows {
 public:
  /// What says that two rows are one socket.
  enum class By : std::uint8_t {
    cookie,    ///< the kernel's socket cookie: both rows come from netlink
    identity,  ///< protocol, both endpoints and inode: one row comes from a text file, which has neither cookie nor interface
  };

  /// Remembers the row; a row for which there is no memory counts as new later.
  void add(const Socket& socket) noexcept;

  /// Prepares take(). Throws std::bad_alloc.
  void index(By by);
  /// True if a row like this was remembered and not yet taken: each row is taken once, so that equal rows are counted.
  bool take(const Socket& socket) noexcept;

 private:
  static constexpr std::size_t kBlock = 1024;  ///< rows: memory grows by 16 KiB and nothing is copied
  struct Row {
    std::uint64_t cookie, identity;
  };

  std::vector<std::unique_ptr<Row[]>> blocks_;
  std::size_t used_ = kBlock;  ///< of the last block
  By by_ = By::cookie;
  std::vector<std::uint64_t> keys_;  ///< sorted
  std::vector<bool> taken_;
};

}  // namespace duostat
