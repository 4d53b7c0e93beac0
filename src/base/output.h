// Buffered text output.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace duostat {

/// Writes bytes in order. Returns 0, or the errno of the failed write.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual int write(std::string_view bytes) noexcept = 0;
};

/// Writes to a descriptor with write(2); continues after EINTR and short writes.
class FdSink final : public ByteSink {
 public:
  explicit FdSink(int fd) noexcept : fd_(fd) {}
  int write(std::string_view bytes) noexcept override;

 private:
  int fd_;
};

/// Collects text in a string.
class StringSink final : public ByteSink {
 public:
  /// Returns ENOMEM if memory runs out.
  int write(std::string_view bytes) noexcept override;
  std::string text;
};

/// A buffer in front of a ByteSink. Keeps the first write error and drops later text: main reports the error once, at
/// exit.
class Output {
 public:
  explicit Output(ByteSink& sink, std::size_t capacity = 64 * 1024);
  ~Output() { flush(); }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  void append(std::string_view text) {
    if (text.size() > capacity_ - size_) return append_slowly(text);
    text.copy(data_.get() + size_, text.size());  // not memcpy: an empty view may have no pointer
    size_ += text.size();
  }
  void append(char c) {
    if (size_ == capacity_) flush();
    data_[size_++] = c;
  }
  void append(std::size_t count, char c);
  /// Returns room for `size` bytes (at most the capacity), to be written in place and then passed to advance().
  char* reserve(std::size_t size) {
    if (size > capacity_ - size_) flush();
    return data_.get() + size_;
  }
  void advance(const char* end) { size_ = static_cast<std::size_t>(end - data_.get()); }

  /// Passes all buffered text to the sink. Returns error().
  int flush() noexcept;
  /// errno of the first failed write, 0 if none failed.
  int error() const noexcept { return error_; }
  /// True after any text was appended.
  bool begun() const noexcept { return flushed_ || size_ != 0; }

 private:
  void append_slowly(std::string_view text);

  ByteSink& sink_;
  std::unique_ptr<char[]> data_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  int error_ = 0;
  bool flushed_ = false;  ///< some text has reached the sink
};

}  // namespace duostat
