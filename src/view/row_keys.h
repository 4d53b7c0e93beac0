// What the rows of a printed listing are about, so that two passes of it can be compared (src/view/watched_rows.h).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "src/model/socket.h"

namespace duostat {

/// The identity of a row: 128 bits, made of the protocol and cookie of a socket or of the text of other rows.
struct RowKey {
  std::uint64_t high = 0, low = 0;
  friend auto operator<=>(const RowKey&, const RowKey&) = default;

  /// Protocol and cookie; without a cookie protocol, inode and endpoints.
  static RowKey of(const Socket& socket);
  static RowKey of(std::string_view text);
  /// The key of the `number`th row with the same key, from 1 on.
  RowKey repeated(std::uint32_t number) const;
};

/// The keys of a pass in the order of its lines. A heading is one or more lines that are no rows.
class RowKeys {
 public:
  struct Entry {
    RowKey key;
    std::uint32_t heading_lines = 0;  ///< 0: a row
  };

  void clear() { entries_.clear(); }
  void heading(std::uint32_t lines) {
    if (lines != 0) entries_.push_back({{}, lines});
  }
  void row(RowKey key) { entries_.push_back({key, 0}); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace duostat
