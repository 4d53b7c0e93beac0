// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/warn.h"

#include <string>

namespace duostat {

void Diagnostics::line(std::string_view text) noexcept {
  // One write a line: a line of ours is not torn by another process that shares the stream.
  std::string whole(text);
  whole.push_back('\n');
  raw(whole);
}

void Diagnostics::raw(std::string_view text) noexcept {
  if (in_order_ && out_ != nullptr) out_->flush();
  sink_.write(text);
  ++lines_;
}

}  // namespace duostat
