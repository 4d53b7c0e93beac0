// Messages to standard error.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/output.h"

namespace duostat {

/// Writes lines to standard error, unbuffered. On a terminal it flushes standard output first, so that both appear in
/// order. On a pipe messages overtake the output, as with the C library's buffering.
class Diagnostics {
 public:
  /// Flushes `out` before each line if `in_order` is set; `out` may be null.
  Diagnostics(ByteSink& sink, Output* out, bool in_order) noexcept : sink_(sink), out_(out), in_order_(in_order) {}

  /// Writes `text` and a newline. Control characters are written as dots, because `text` may contain words of the
  /// command line.
  void line(std::string_view text) noexcept;
  /// The same for a text of several lines.
  void lines(std::string_view text) noexcept;
  /// Writes `text` unchanged, for usage texts and messages with other endings.
  void raw(std::string_view text) noexcept;
  unsigned long count() const noexcept { return count_; }

 private:
  void line(std::string_view text, bool newlines) noexcept;

  ByteSink& sink_;
  Output* out_;
  bool in_order_;
  unsigned long count_ = 0;
};

}  // namespace duostat
