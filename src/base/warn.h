// What goes to standard error while the work goes on.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/output.h"

namespace duostat {

/// Lines for standard error, unbuffered. On a terminal standard output is flushed first, so that a person sees both in
/// the order in which they were said; on a pipe they overtake it, as with the C library's buffering.
class Diagnostics {
 public:
  /// `out` is flushed before each line when `in_order` is set; it may be null.
  Diagnostics(ByteSink& sink, Output* out, bool in_order) noexcept : sink_(sink), out_(out), in_order_(in_order) {}

  /// Writes `text` and a newline. Words of the command line may stand in it: control characters are written as dots.
  void line(std::string_view text) noexcept;
  /// The same for a text of several lines.
  void lines(std::string_view text) noexcept;
  /// Writes `text` as it is, for usage texts and messages that end otherwise.
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
