// Reads a /proc file line by line whose rows are not sockets: opening, counting and error handling in one place.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"
#include "src/base/proc_dir.h"
#include "src/query/query.h"

namespace duostat::procfs {

/// A /proc file being read. Errors are recorded in the Coverage.
class TextFile {
 public:
  TextFile(const ProcDir& proc, std::string_view relative, Coverage& coverage)
      : fd_(open(proc, relative, coverage)), lines_(fd_.get()), coverage_(coverage) {}

  bool next(std::string_view& line) {
    if (!fd_) return false;
    if (lines_.next(line)) return true;
    if (lines_.error() != 0 && coverage_.error == 0) {
      coverage_.error = lines_.error();
      coverage_.operation = Operation::read;
    }
    return false;
  }
  /// Calls `row` for each remaining line; it returns false for a line that is not a row.
  template <class RowFunction>
  void each_row(RowFunction&& row) {
    std::string_view line;
    while (next(line)) {
      if (row(line)) ++coverage_.rows;
      else ++(lines_.torn() ? coverage_.truncated : coverage_.malformed);
    }
  }
  /// Number of the last line read, from 1.
  unsigned long number() const noexcept { return lines_.number(); }

 private:
  static Fd open(const ProcDir& proc, std::string_view relative, Coverage& coverage) {
    coverage.object = proc.path(relative);
    Fd fd = proc.open(relative, coverage.error);
    if (!fd) coverage.operation = Operation::open;
    return fd;
  }

  Fd fd_;
  LineReader lines_;
  Coverage& coverage_;
};

/// Unsigned decimal as in Cursor::dec, but a number beyond 64 bits becomes the largest, as in strtoull(3).
bool read_count(Cursor& cursor, std::uint64_t& value) noexcept;
/// Parses `word` as 8 hexadecimal digits of a 32-bit word in host order (an address in network order).
bool read_inet_word(std::string_view word, Address& address) noexcept;
/// Parses `word` as 32 hexadecimal digits of sixteen bytes in network order.
bool read_inet6_word(std::string_view word, Address& address) noexcept;

}  // namespace duostat::procfs
