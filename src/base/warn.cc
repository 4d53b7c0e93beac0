// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/warn.h"

#include <utility>

#include "src/base/escape.h"

namespace duostat {
namespace {

constexpr std::size_t kLineMax = 4096;  // bytes; PIPE_BUF: write(2) keeps this much together

}  // namespace

void Diagnostics::line(std::string_view text) noexcept { line(text, false); }
void Diagnostics::lines(std::string_view text) noexcept { line(text, true); }

void Diagnostics::line(std::string_view text, bool newlines) noexcept {
  // One write per line keeps the line whole when another process writes to the same stream. Nothing is allocated,
  // because this also reports that memory ran out. A longer line takes more writes.
  char piece[kLineMax];
  std::size_t size = 0;
  while (!text.empty()) {
    const std::string_view sequence = first_sequence(text);
    text.remove_prefix(sequence.size());
    if (size + sequence.size() >= sizeof piece) raw({piece, std::exchange(size, 0)});
    // quirk: control-characters
    if (is_control(sequence) && !(newlines && sequence == "\n")) piece[size++] = '.';
    else size += sequence.copy(piece + size, sequence.size());
  }
  piece[size++] = '\n';
  raw({piece, size});
}

void Diagnostics::raw(std::string_view text) noexcept {
  if (in_order_ && out_ != nullptr) out_->flush();
  sink_.write(text);
  ++count_;
}

}  // namespace duostat
