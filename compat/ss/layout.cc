// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/layout.h"

#include <algorithm>
#include <new>

namespace duostat::ss {
namespace {

constexpr std::size_t kBlock = 16;
/// Cells up to this length are copied in blocks into room that is reserved for the whole cell.
constexpr std::size_t kShort = 8192;

/// Copies whole blocks, which is cheaper than a call for the few bytes of a cell. Both buffers have slack at their end.
char* copy_blocks(char* to, const char* from, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; i += kBlock) std::memcpy(to + i, from + i, kBlock);
  return to + size;
}

char* fill_blocks(char* to, std::size_t size) noexcept {
  for (std::size_t i = 0; i < size; i += kBlock) std::memset(to + i, ' ', kBlock);
  return to + size;
}

/// The form of a column in one slice.
struct Emit {
  unsigned column;
  std::size_t width;  ///< with the delimiter
  std::size_t delimiter;
  bool right, pad, last;
};

void put_cell(Output& out, const Emit& e, std::string_view text) {
  const std::size_t used = e.delimiter + text.size();
  const std::size_t missing = e.pad && e.width > used ? e.width - used : 0;
  if (used + missing <= kShort) {
    char* at = out.reserve(used + missing + 2 * kBlock + 1);
    if (e.delimiter != 0) *at++ = ' ';
    if (e.right) at = fill_blocks(at, missing);
    at = copy_blocks(at, text.data(), text.size());
    if (!e.right) at = fill_blocks(at, missing);
    if (e.last) *at++ = '\n';
    return out.advance(at);
  }
  if (e.delimiter != 0) out.append(' ');
  if (e.right) out.append(missing, ' ');
  out.append(text);
  if (!e.right) out.append(missing, ' ');
  if (e.last) out.append('\n');
}

}  // namespace

Layout::Layout(Output& out, ColumnMask enabled, int screen, std::string_view place_title)
    : out_(out),
      enabled_(enabled),
      place_title_(place_title),
      first_(shows(LayoutColumn::place) ? LayoutColumn::place : LayoutColumn::netid),
      screen_(screen > 0 ? static_cast<std::size_t>(screen) : 0) {
  start_slice();
}

void Layout::start_slice() {
  if (!data_) {
    constexpr std::size_t kFirst = 64 * 1024;
    data_.reset(static_cast<char*>(std::malloc(kFirst)));
    if (!data_) throw std::bad_alloc();
    limit_ = data_.get() + kFirst - kSlack;
  }
  at_ = cell_ = data_.get();
  pages_ = 0;
  free_ = 0;
  first_in_page_ = true;
  current_ = first_;
  open();
}

char* Layout::grow(char* at, std::size_t size) {
  char* old = data_.get();
  const auto used = static_cast<std::size_t>(at - old);
  const auto capacity = static_cast<std::size_t>(limit_ - old) + kSlack;
  const std::size_t wanted = std::max(capacity * 2, used + size + kSlack);
  const std::ptrdiff_t cell = cell_ - old, end = at_ - old;
  auto* moved = static_cast<char*>(std::realloc(old, wanted));
  if (moved == nullptr) throw std::bad_alloc();
  static_cast<void>(data_.release());
  data_.reset(moved);
  limit_ = moved + wanted - kSlack;
  cell_ = moved + cell;
  at_ = moved + end;
  return moved + used;
}

/// A piece that does not fit in the rest of the page or cell.
void Layout::commit_slowly(std::ptrdiff_t size) {
  const std::ptrdiff_t length = at_ - cell_ - kLengthBytes;
  if (pages_ == 0) {
    new_page(0);
  } else if (size >= free_ && !first_in_page_) {
    new_page(length);
  }
  const std::ptrdiff_t stored = std::min({size, free_, kCellMax - length});
  free_ -= stored;
  at_ += stored;
}

void Layout::next_row() {
  if (pages_ >= kPagesPerSlice) {
    finish();
    return start_slice();
  }
  close();
  current_ = first_;
  open();
}

void Layout::header() {
  for (const ColumnRow& row : kColumns) {
    if (row.column < first_) continue;
    go(row.column);
    const std::string_view title = row.column == LayoutColumn::place ? place_title_ : row.title;
    if (!title.empty()) put(title);
  }
}

void Layout::finish() {
  if (at_ == data_.get() + (discard_ ? 0 : kLengthBytes)) return;  // nothing was stored
  if (!discard_) seal();
  render();
}

Layout::Widths Layout::widths() const {
  Widths widths{};
  bool any = false;
  for (const ColumnRow& row : kColumns) {
    if (!shows(row.column)) continue;
    const auto i = static_cast<unsigned>(row.column);
    widths[i] = widest_[i] + (row.spaced && any && widest_[i] != 0 ? 1 : 0);
    if (screen_ != 0) widths[i] = std::min(widths[i], screen_);
    any |= widths[i] != 0;
  }
  if (screen_ != 0) spread(widths);
  return widths;
}

/// Collects columns into groups that each fill the screen exactly; the terminal wraps between them.
void Layout::spread(Widths& widths) const {
  std::array<unsigned, kColumnCount> filled;
  std::size_t count = 0;
  for (unsigned i = 0; i < kColumnCount; ++i)
    if (widths[i] != 0) filled[count++] = i;

  std::size_t first = 0, sum = 0;
  for (std::size_t k = 0; k < count; ++k) {
    sum += widths[filled[k]];
    if (sum < screen_ && k + 1 != count) continue;
    if (sum > screen_) sum -= widths[filled[k--]];
    const std::size_t members = k + 1 - first, pad = screen_ - sum;
    for (std::size_t m = 0; m < members; ++m)
      widths[filled[k - m]] += pad / members + (m < pad % members ? 1 : 0);
    first = k + 1;
    sum = 0;
  }
}

void Layout::render() {
  const Widths widths = this->widths();
  std::array<Emit, kColumnCount> emits;
  std::size_t count = 0, last_base = 0;
  for (const ColumnRow& row : kColumns) {
    if (!shows(row.column)) continue;
    const auto i = static_cast<unsigned>(row.column);
    emits[count] = {i, widths[i], row.spaced && count != 0 ? 1u : 0u, row.right, true, false};
    if (row.column != LayoutColumn::extra) last_base = count;
    ++count;
  }
  if (count == 0) return;
  // On a pipe, columns after the last base column are not aligned.
  if (screen_ == 0 && emits[last_base].column != static_cast<unsigned>(LayoutColumn::extra))
    emits[last_base].pad = false;
  emits[count - 1].last = true;

  std::size_t e = 0;
  for (const char* cell = data_.get(); cell < at_;) {
    std::uint16_t length;
    std::memcpy(&length, cell, sizeof length);
    cell += kLengthBytes;
    put_cell(out_, emits[e], {cell, length});
    cell += length;
    e = e + 1 == count ? 0 : e + 1;
  }
  if (e != 0) out_.append('\n');
}

}  // namespace duostat::ss
