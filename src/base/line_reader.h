// Lines of a file, one read at a time.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace duostat {

/// Reads a descriptor block by block and hands out lines without their newline. The text of a line is valid until the
/// next call. A /proc file answers each read with about a page, whatever was asked for, so one buffer is enough.
class LineReader {
 public:
  explicit LineReader(int fd, std::size_t capacity = 64 * 1024);

  /// The next line; false at the end of the file or on an error (see error()). A last line without newline is a line
  /// (see torn()); one longer than the buffer is cut and the rest of it skipped (see cut()).
  bool next(std::string_view& line);

  /// errno of the read that failed, 0 if none did.
  int error() const noexcept { return error_; }
  /// True if the file ended in the middle of a line.
  bool torn() const noexcept { return torn_; }
  /// How many lines were longer than the buffer.
  unsigned long cut() const noexcept { return cut_; }
  /// Number of the line handed out last, from 1.
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
