// Replaces characters that would mislead a reader in text for a terminal, after escape.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/output.h"

namespace duostat {

/// quirk: terminal-text
/// Passes bytes on to another sink, with '?' for each character that changes the text direction or ends a line, and for
/// each byte that is not UTF-8. Allocates nothing. Text without such characters is passed on in one write.
class TerminalSink final : public ByteSink {
 public:
  explicit TerminalSink(ByteSink& sink) noexcept : sink_(sink) {}
  /// Writes '?' for an incomplete sequence.
  ~TerminalSink() override;
  TerminalSink(const TerminalSink&) = delete;
  TerminalSink& operator=(const TerminalSink&) = delete;

  int write(std::string_view bytes) noexcept override;

 private:
  int write_whole(std::string_view bytes) noexcept;

  ByteSink& sink_;
  char held_[4] = {};  ///< the beginning of a sequence that the next write continues
  std::size_t held_size_ = 0;
};

}  // namespace duostat
