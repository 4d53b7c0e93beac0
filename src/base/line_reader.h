// Reads a file line by line through a fixed buffer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace duostat {

/// Reads a descriptor block by block and returns lines without their newline. A line is valid until the next call. A
/// /proc file returns about a page per read, whatever the size requested, so one buffer is enough.
class LineReader {
 public:
  explicit LineReader(int fd, std::size_t capacity = 64 * 1024);

  /// Reads the next line; false at the end of the file or after an error (see error()). A last line without a newline
  /// counts as a line (see torn()). A line longer than the buffer is truncated, and its rest is skipped (see cut()).
  bool next(std::string_view& line);

  /// errno of the read that failed, 0 if none did.
  int error() const noexcept { return error_; }
  /// True if the file ended within a line.
  bool torn() const noexcept { return torn_; }
  /// Number of lines that were longer than the buffer.
  unsigned long cut() const noexcept { return cut_; }
  /// Number of the last line returned, from 1.
  unsigned long number() const noexcept { return number_; }

 private:
  bool fill();

  int fd_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_;
  std::size_t begin_ = 0, end_ = 0;
  int error_ = 0;
  bool eof_ = false, torn_ = false, skipping_ = false;
  unsigned long cut_ = 0, number_ = 0;
};

}  // namespace duostat
