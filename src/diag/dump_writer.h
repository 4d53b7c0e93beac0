// A copy of the kernel's answers: what `ss -D FILE` writes and src/diag/replay.h reads.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "src/base/output.h"
#include "src/diag/transport.h"

namespace duostat {

/// Where answers are copied to. Only whole answers stay: one that breaks off, or that the kernel refuses, is taken back, and one that is
/// asked for again replaces the one before. So the file replays as if nothing had failed.
class AnswerCopy {
 public:
  /// Drops what was written behind the first `size` bytes. 0 or errno: ESPIPE where that cannot be done (a pipe).
  using Rewind = std::function<int(std::uint64_t size)>;

  /// `sink` must outlive this, and this the transports.
  AnswerCopy(ByteSink& sink, Rewind rewind) : sink_(sink), rewind_(std::move(rewind)) {}

  /// Transports that `open` opens, each received datagram of which is also written, padded to four bytes.
  OpenTransport over(OpenTransport open);
  /// Takes back an answer that has no end. After the last transport was used.
  void finish() noexcept;

  /// errno of the first write that failed; nothing is written behind it.
  int write_error() const noexcept { return write_error_; }
  /// 0, or why part of a broken answer is in the copy.
  int rewind_error() const noexcept { return rewind_error_; }

 private:
  friend class CopyingTransport;

  void begin(Bytes request);
  void take(Bytes datagram, std::uint32_t port_id) noexcept;
  void write(std::string_view bytes) noexcept;
  void go_back() noexcept;

  ByteSink& sink_;
  Rewind rewind_;
  std::vector<std::byte> request_;  ///< the last one, without its sequence number
  std::uint32_t sequence_ = 0;
  std::uint64_t size_ = 0, start_ = 0;  ///< bytes written in all, and before the current answer
  bool whole_ = true;                   ///< the current answer is complete so far
  int write_error_ = 0, rewind_error_ = 0;
};

/// Truncates the file behind `fd`, and writes on from there; what was in it before stays. ESPIPE for a pipe, and for a file that is
/// appended to, which others may be writing.
AnswerCopy::Rewind rewind_of(int fd);

}  // namespace duostat
