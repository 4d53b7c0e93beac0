// Writes a copy of the kernel's answers (`ss -D FILE`), in the format that src/diag/replay.h reads.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "src/base/output.h"
#include "src/diag/transport.h"

namespace duostat {

/// Copies answers to a sink. Only complete answers are kept: an answer that breaks off or is refused is removed again,
/// and the answer to a retry replaces the earlier one. So the file replays as if nothing had failed.
class AnswerCopy {
 public:
  /// Removes everything after the first `size` bytes. 0 or errno: ESPIPE if impossible (a pipe).
  using Rewind = std::function<int(std::uint64_t size)>;

  /// `sink` must outlive this object, and this object the transports.
  AnswerCopy(ByteSink& sink, Rewind rewind) : sink_(sink), rewind_(std::move(rewind)) {}

  /// Wraps the transports that `open` opens: each received datagram is also written, padded to four bytes.
  OpenTransport over(OpenTransport open);
  /// Removes an answer without an end. Call it after the last use of a transport.
  void finish() noexcept;

  /// errno of the first failed write, or 0. Nothing is written after a failure.
  int write_error() const noexcept { return write_error_; }
  /// 0, or the errno that prevented the removal of an incomplete answer.
  int rewind_error() const noexcept { return rewind_error_; }

 private:
  friend class CopyingTransport;

  void begin(Bytes request);
  void take(Bytes datagram, std::uint32_t port_id) noexcept;
  void write(std::string_view bytes) noexcept;
  void go_back() noexcept;

  ByteSink& sink_;
  Rewind rewind_;
  std::vector<std::byte> request_;  ///< the last request, without its sequence number
  std::uint32_t sequence_ = 0;
  std::uint64_t size_ = 0, start_ = 0;  ///< bytes written: in total, and before the current answer
  bool whole_ = true;                   ///< the current answer is complete so far
  int write_error_ = 0, rewind_error_ = 0;
};

/// A Rewind that truncates the file of `fd` and continues there; earlier content is kept. ESPIPE for a pipe, and for a
/// file opened for appending, which other processes may be writing.
AnswerCopy::Rewind rewind_of(int fd);

}  // namespace duostat
