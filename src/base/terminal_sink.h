// What goes to a terminal, made safe for the person in front of it, as a second line behind escape.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/output.h"

namespace duostat {

/// quirk: terminal-text
/// Hands bytes on to another sink, with '?' instead of each character that changes the direction of a text or ends a line,
/// and of each byte that is not UTF-8. Allocates nothing. Text in which nothing is replaced goes on in one write.
class TerminalSink final : public ByteSink {
 public:
  explicit TerminalSink(ByteSink& sink) noexcept : sink_(sink) {}
  /// A sequence that was not completed is written as '?'.
  ~TerminalSink() override;
  TerminalSink(const TerminalSink&) = delete;
  TerminalSink& operator=(const TerminalSink&) = delete;

  int write(std::string_view bytes) noexcept override;

 private:
  int write_whole(std::string_view bytes) noexcept;

  ByteSink& sink_;
  char held_[4] = {};  ///< the beginning of a sequence whose rest comes with the next write
  std::size_t held_size_ = 0;
};

}  // namespace duostat
