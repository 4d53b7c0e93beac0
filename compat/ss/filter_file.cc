// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/filter_file.h"

#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "src/base/error.h"

namespace duostat::ss {
namespace {

constexpr std::size_t kPieceMax = 1023;  // bytes that the original reads at once, a newline included

/// Pieces of a file as fgets(3) cuts them: up to a newline, or kPieceMax bytes.
class Pieces {
 public:
  explicit Pieces(int fd) : fd_(fd) {}

  /// The next piece; empty at the end of the file or after an error.
  std::string_view next() {
    text_.erase(0, std::exchange(used_, 0));
    for (;;) {
      const std::string_view ready = std::string_view(text_).substr(0, kPieceMax);
      if (const auto newline = ready.find('\n'); newline != ready.npos) return take(newline + 1);
      if (ready.size() == kPieceMax || !fill()) return take(ready.size());
    }
  }
  /// errno of the read that failed, or 0.
  int error() const { return error_; }

 private:
  std::string_view take(std::size_t size) {
    used_ = size;
    return std::string_view(text_).substr(0, size);
  }
  bool fill() {
    char more[4096];
    for (;;) {
      const ssize_t got = ::read(fd_, more, sizeof more);
      if (got > 0) return text_.append(more, static_cast<std::size_t>(got)), true;
      if (got == 0) return false;
      if (errno != EINTR) return error_ = errno, false;
    }
  }

  int fd_;
  std::string text_;
  std::size_t used_ = 0;
  int error_ = 0;
};

}  // namespace

FilterLines read_filter_lines(int fd) {
  FilterLines result;
  Pieces pieces(fd);
  for (std::string_view piece = pieces.next(); !piece.empty(); piece = pieces.next()) {
    piece = piece.substr(0, piece.find('\0'));
    if (piece.empty()) return result.complaint = "Invalid line", result;
    if (piece.size() >= kPieceMax) return result.complaint = "Too long line in filter", result;
    if (piece.ends_with('\n')) piece.remove_suffix(1);
    // quirk: filter-file-zero lines that begin with 0 are comments as well.
    if (!piece.starts_with('#') && !piece.starts_with('0')) result.lines.emplace_back(piece);
  }
  // quirk: filter-file-unread the original takes a file that cannot be read for one that ends.
  if (pieces.error() != 0) result.complaint = "ss: -F: cannot read the filter: " + error_text(pieces.error());
  return result;
}

}  // namespace duostat::ss
