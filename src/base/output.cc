// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>

namespace duostat {

int FdSink::write(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

int StringSink::write(std::string_view bytes) noexcept {
  try {
    text.append(bytes);
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
  return 0;
}

Output::Output(ByteSink& sink, std::size_t capacity)
    : sink_(sink), data_(std::make_unique_for_overwrite<char[]>(capacity)), capacity_(capacity) {}

void Output::append_slowly(std::string_view text) {
  flush();
  if (text.size() < capacity_) return append(text);
  flushed_ = true;
  if (error_ == 0) error_ = sink_.write(text);
}

void Output::append(std::size_t count, char c) {
  while (count != 0) {
    if (size_ == capacity_) flush();
    const std::size_t n = std::min(count, capacity_ - size_);
    std::memset(data_.get() + size_, c, n);
    size_ += n;
    count -= n;
  }
}

int Output::flush() noexcept {
  flushed_ = begun();
  if (size_ != 0 && error_ == 0) error_ = sink_.write({data_.get(), size_});
  size_ = 0;
  return error_;
}

}  // namespace duostat
