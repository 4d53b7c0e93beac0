// The column layout of ss: cells are stored as text, the longest ones give the widths, and rows are rendered together.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <string_view>

#include "src/base/output.h"

namespace duostat::ss {

enum class LayoutColumn : std::uint8_t {
  place, netid, state, recv_q, send_q, local, local_port, peer, peer_port, process, extra
};

struct ColumnRow {
  LayoutColumn column;
  std::string_view title;
  bool right;   ///< aligned to the right
  bool spaced;  ///< preceded by a space, unless it is the first of its row
};

inline constexpr ColumnRow kColumns[] = {
    {LayoutColumn::place, "", false, false},  // its title is given
    {LayoutColumn::netid, "Netid", false, true},      {LayoutColumn::state, "State", false, true},
    {LayoutColumn::recv_q, "Recv-Q", false, true},    {LayoutColumn::send_q, "Send-Q", false, true},
    {LayoutColumn::local, "Local Address:", true, true}, {LayoutColumn::local_port, "Port", false, false},
    {LayoutColumn::peer, "Peer Address:", true, true},   {LayoutColumn::peer_port, "Port", false, false},
    {LayoutColumn::process, "Process", false, false}, {LayoutColumn::extra, "", false, false},
};
inline constexpr std::size_t kColumnCount = std::size(kColumns);

/// Bit N is column N.
using ColumnMask = std::uint16_t;
constexpr ColumnMask mask_of(LayoutColumn c) { return static_cast<ColumnMask>(1u << static_cast<unsigned>(c)); }
/// Those of the original. LayoutColumn::place, for several network namespaces or hosts, is ours.
inline constexpr ColumnMask kAllColumns =
    static_cast<ColumnMask>(((1u << kColumnCount) - 1) & ~unsigned{mask_of(LayoutColumn::place)});

/// Stores the cells of rows one after the other, and renders them after about four megabytes or at finish().
///
/// A cell is filled in pieces; a piece is what the original prints with one call. Rendering begins when the original's
/// storage pages, filled piece by piece, would be full, because column widths depend on where slices end. Text for a
/// disabled column is discarded.
class Layout {
 public:
  /// `screen` is the width to fill, 0 for the compact form. `place_title`: of LayoutColumn::place. `out` must outlive
  /// the layout.
  Layout(Output& out, ColumnMask enabled, int screen, std::string_view place_title = "Netns");

  bool shows(LayoutColumn c) const noexcept { return (enabled_ & mask_of(c)) != 0; }
  /// True if text for the current column is discarded, so that it need not be made.
  bool discards() const noexcept { return discard_; }

  /// Writes the row of titles and leaves its last, empty cell open.
  void header();
  /// Moves to `column`; to that of the next row if this row is past it. Not to LayoutColumn::place unless it is shown.
  void go(LayoutColumn column) {
    while (current_ != column) next();
  }
  /// Closes the cell and moves to the next column.
  void next() {
    if (current_ == LayoutColumn::extra) return next_row();
    close();
    current_ = static_cast<LayoutColumn>(static_cast<unsigned>(current_) + 1);
    open();
  }

  /// Reserves a piece of at most `size` bytes, to be written in place; commit() ends it.
  char* reserve(std::size_t size) { return extend(at_, size); }
  /// The same inside a piece that was written up to `at`; the written part may move.
  char* extend(char* at, std::size_t size) {
    return size <= static_cast<std::size_t>(limit_ - at) ? at : grow(at, size);
  }
  /// The beginning of the piece that is being written.
  const char* piece_start() const noexcept { return at_; }
  /// Ends a piece that was written up to `end`.
  void commit(char* end) {
    if (discard_) return;
    const auto size = static_cast<std::ptrdiff_t>(end - at_);
    if (size >= free_ || end - cell_ > kLengthBytes + kCellMax) return commit_slowly(size);
    free_ -= size;
    at_ = end;
  }
  /// Adds `text` as one piece.
  void put(std::string_view text) {
    char* at = reserve(text.size());
    commit(std::copy(text.begin(), text.end(), at));
  }

  /// Sets the width of the screen from the next rendering on.
  void resize(int screen) noexcept { screen_ = screen > 0 ? static_cast<std::size_t>(screen) : 0; }

  /// Renders the stored rows. The open cell is printed but does not widen its column.
  void finish();
  /// Renders the stored rows, if any, as if they were the last: the last cell is printed but never widens its column.
  /// Rows stored later keep the widths reached so far.
  void render_event() {
    finish();
    start_slice();
  }

  /// Storage pages filled since the last rendering, for tests.
  unsigned pages() const noexcept { return pages_; }

 private:
  static constexpr std::ptrdiff_t kLengthBytes = 2;
  static constexpr std::ptrdiff_t kCellMax = 65535;
  static constexpr std::ptrdiff_t kPageBytes = 1048560;
  static constexpr unsigned kPagesPerSlice = 5;
  static constexpr std::size_t kSlack = 64;  ///< bytes after the stored text that block copies may read

  struct Free {
    void operator()(char* p) const noexcept { std::free(p); }
  };
  using Widths = std::array<std::size_t, kColumnCount>;

  void open() {
    discard_ = (enabled_ >> static_cast<unsigned>(current_) & 1) == 0;
    if (discard_) return;
    cell_ = extend(at_, kLengthBytes);
    at_ = cell_ + kLengthBytes;
  }
  std::size_t seal() noexcept {
    const auto length = static_cast<std::uint16_t>(at_ - cell_ - kLengthBytes);
    std::memcpy(cell_, &length, sizeof length);
    return length;
  }
  void close() {
    if (discard_) return;
    const std::size_t length = seal();
    std::size_t& widest = widest_[static_cast<unsigned>(current_)];
    if (length > widest) widest = length;
    const auto pad = static_cast<std::ptrdiff_t>(length & 1);
    first_in_page_ = free_ - pad < kLengthBytes;
    if (first_in_page_) return new_page(0);
    free_ -= pad + kLengthBytes;
  }
  void new_page(std::ptrdiff_t cell_bytes) {
    ++pages_;
    free_ = kPageBytes - kLengthBytes - cell_bytes;
    first_in_page_ = true;
  }
  char* grow(char* at, std::size_t size);
  void commit_slowly(std::ptrdiff_t size);
  void next_row();
  void start_slice();
  Widths widths() const;
  void spread(Widths& widths) const;
  void render();

  Output& out_;
  ColumnMask enabled_;
  std::string_view place_title_;
  LayoutColumn first_;  ///< of a row
  std::size_t screen_;
  LayoutColumn current_ = first_;
  bool discard_ = false;
  bool first_in_page_ = true;
  unsigned pages_ = 0;
  std::ptrdiff_t free_ = 0;  ///< bytes left in the page; 0 without pages: none is open yet
  Widths widest_{};          ///< longest closed cell of each column, in all slices so far

  std::unique_ptr<char, Free> data_;
  char* limit_ = nullptr;
  char* cell_ = nullptr;  ///< place for the length of the open cell
  char* at_ = nullptr;    ///< end of the stored text
};

}  // namespace duostat::ss
