// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/terminal_sink.h"

#include <utility>

#include "src/base/escape.h"

namespace duostat {
namespace {

constexpr std::size_t kPiece = 4096;

/// Returns how many bytes at the end of `text` form the beginning of an incomplete sequence.
std::size_t incomplete_end(std::string_view text) noexcept {
  for (std::size_t size = 1; size <= 3 && size <= text.size(); ++size) {
    const auto c = static_cast<unsigned char>(text[text.size() - size]);
    if ((c & 0xc0) == 0x80) continue;
    const std::size_t whole = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
    return whole > size ? size : 0;
  }
  return 0;
}

bool is_replaced(std::string_view sequence) noexcept {
  return is_misleading(sequence) || (sequence.size() == 1 && static_cast<unsigned char>(sequence[0]) >= 0x80);
}

}  // namespace

TerminalSink::~TerminalSink() {
  if (held_size_ != 0) sink_.write("?");
}

int TerminalSink::write(std::string_view bytes) noexcept {
  while (held_size_ != 0 && !bytes.empty()) {
    held_[held_size_++] = bytes[0];
    bytes.remove_prefix(1);
    if (incomplete_end({held_, held_size_}) == held_size_) continue;
    if (const int error = write_whole({held_, std::exchange(held_size_, 0)}); error != 0) return error;
  }
  if (bytes.empty()) return 0;
  held_size_ = incomplete_end(bytes);
  bytes.copy(held_, held_size_, bytes.size() - held_size_);
  bytes.remove_suffix(held_size_);
  return bytes.empty() ? 0 : write_whole(bytes);
}

int TerminalSink::write_whole(std::string_view bytes) noexcept {
  char piece[kPiece];
  std::size_t size = 0;
  bool clean = true;  // nothing has been replaced so far
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string_view sequence = first_sequence(bytes.substr(at));
    const bool replaced = is_replaced(sequence);
    if (clean && replaced) {
      if (const int error = at == 0 ? 0 : sink_.write(bytes.substr(0, at)); error != 0) return error;
      clean = false;
    }
    at += sequence.size();
    if (clean) continue;
    if (size + sequence.size() > sizeof piece)
      if (const int error = sink_.write({piece, std::exchange(size, 0)}); error != 0) return error;
    if (replaced) piece[size++] = '?';
    else size += sequence.copy(piece + size, sequence.size());
  }
  if (clean) return sink_.write(bytes);
  return size == 0 ? 0 : sink_.write({piece, size});
}

}  // namespace duostat
