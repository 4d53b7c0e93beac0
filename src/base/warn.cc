// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/warn.h"

#include <algorithm>

namespace duostat {
namespace {

constexpr std::size_t kLineMax = 4096;  // bytes; PIPE_BUF: what write(2) does not tear

}  // namespace

void Diagnostics::line(std::string_view text) noexcept {
  // One write a line: another process that shares the stream does not tear it. Nothing is allocated: this also says that there is
  // no memory. A longer line takes two writes.
  char whole[kLineMax];
  if (text.size() < sizeof whole) {
    *std::ranges::copy(text, whole).out = '\n';
    return raw({whole, text.size() + 1});
  }
  raw(text);
  sink_.write("\n");
}

void Diagnostics::raw(std::string_view text) noexcept {
  if (in_order_ && out_ != nullptr) out_->flush();
  sink_.write(text);
  ++lines_;
}

}  // namespace duostat
