// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/line_reader.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace duostat {

LineReader::LineReader(int fd, std::size_t capacity)
    : fd_(fd), data_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

bool LineReader::fill() {
  if (eof_ || error_ != 0) return false;
  if (begin_ != 0) {
    std::memmove(data_.get(), data_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  for (;;) {
    const ssize_t n = ::read(fd_, data_.get() + end_, capacity_ - end_);
    if (n > 0) return end_ += static_cast<std::size_t>(n), true;
    if (n == 0) return eof_ = true, false;
    if (errno != EINTR) return error_ = errno, false;
  }
}

bool LineReader::next(std::string_view& line) {
  std::size_t scanned = 0;
  for (;;) {
    const char* from = data_.get() + begin_ + scanned;
    const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - begin_ - scanned));
    if (newline != nullptr) {
      const auto length = static_cast<std::size_t>(newline - (data_.get() + begin_));
      line = {data_.get() + begin_, length};
      begin_ += length + 1;
      scanned = 0;
      if (std::exchange(skipping_, false)) continue;  // the rest of a truncated line
      ++number_;
      return true;
    }
    scanned = end_ - begin_;
    if (scanned == capacity_) {
      const bool tail = std::exchange(skipping_, true);
      line = {data_.get() + begin_, scanned};
      begin_ = end_ = scanned = 0;
      if (tail) continue;
      ++cut_;
      ++number_;
      return true;
    }
    if (!fill()) break;
  }
  if (error_ != 0) return false;
  torn_ = torn_ || skipping_ || begin_ != end_;
  if (skipping_ || begin_ == end_) return false;
  line = {data_.get() + begin_, end_ - begin_};
  begin_ = end_;
  ++number_;
  return true;
}

}  // namespace duostat
