// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watch_screen.h"

#include <fmt/core.h>

#include <algorithm>

#include "src/base/display_width.h"

namespace duostat {
namespace {

constexpr std::string_view kBold = "\x1b[1m", kReverse = "\x1b[7m", kGreen = "\x1b[32m", kRed = "\x1b[31m",
                           kPlain = "\x1b[0m";
constexpr std::size_t kTab = 8;

struct MarkForm {
  RowMark mark;
  char letter;
  std::string_view attribute;
};
constexpr MarkForm kMarks[] = {
    {RowMark::none, ' ', ""}, {RowMark::added, '+', kGreen}, {RowMark::changed, '*', ""}, {RowMark::gone, '-', kRed}};

/// Breaks text into screen lines, with attributes.
class LineBreaker {
 public:
  LineBreaker(std::vector<std::string>& lines, std::size_t width) : lines_(lines), width_(width) {}

  void begin(std::string_view margin) {
    lines_.emplace_back(margin);
    column_ = 0;
  }
  void attribute(std::string_view sequence) {
    if (sequence == active_) return;
    if (!active_.empty()) lines_.back() += kPlain;
    active_ = sequence;
    lines_.back() += active_;
  }
  void add(char c) {
    if (c == '\n') return next();
    if (c == '\t') {
      for (std::size_t blanks = kTab - column_ % kTab; blanks > 0; --blanks) add(' ');
      return;
    }
    if (!continues_sequence(c) && column_++ == width_) next(), column_ = 1;
    lines_.back() += static_cast<unsigned char>(c) < ' ' ? '.' : c;
  }
  void end() {
    const std::string_view active = active_;
    attribute("");
    active_ = active;
    if (active.empty()) trim(lines_.back());
    active_ = {};
  }
  static void trim(std::string& line) {
    while (!line.empty() && line.back() == ' ') line.pop_back();
  }

 private:
  void next() {
    const std::string_view active = active_;
    end();
    begin(std::string(kScreenMargin, ' '));
    attribute(active);
  }

  std::vector<std::string>& lines_;
  std::size_t width_, column_ = 0;
  std::string_view active_;
};

/// The screen lines of one row.
void add_row_lines(std::vector<std::string>& lines, const WatchedRows& rows, const WatchedRows::Row& row,
                   const ScreenForm& form, bool cursor) {
  const MarkForm& mark = kMarks[form.marks ? static_cast<std::size_t>(row.mark) : 0];
  const std::string_view base = !form.attributes ? std::string_view() : row.heading ? kBold : mark.attribute;
  LineBreaker breaker(lines, form.width - std::min(form.width - 1, kScreenMargin));
  breaker.begin(std::string{mark.letter, cursor ? '>' : ' '});
  const std::string_view text = rows.text(row);
  const bool bold = form.attributes && mark.mark == RowMark::changed;
  auto field = rows.changes(row).begin();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {  // a colour of the listing's own, which marks have in its place
      while (i < text.size() && text[i] != 'm') ++i;
      continue;
    }
    while (field != rows.changes(row).end() && i >= field->end) ++field;
    const bool changed = bold && field != rows.changes(row).end() && i >= field->begin;
    breaker.attribute(changed ? kBold : base);
    breaker.add(text[i]);
  }
  breaker.end();
}

std::string frame_line(std::string_view text, const ScreenForm& form, bool reversed) {
  std::string line(beginning_of_width(text, form.width));
  if (reversed && form.attributes) line = fmt::format("{}{}{}", kReverse, line, kPlain);
  return line;
}

std::size_t lines_for_rows(const ScreenForm& form) {
  return form.height > kScreenFrame ? form.height - kScreenFrame : 1;
}

/// The rows that are shown, apart from headings at the top.
std::vector<const WatchedRows::Row*> shown_rows(const WatchedRows& rows, std::size_t& pinned, bool marks) {
  const auto all = rows.rows();
  pinned = 0;
  while (pinned < all.size() && all[pinned].heading) ++pinned;
  std::vector<const WatchedRows::Row*> shown;
  for (std::size_t i = pinned; i < all.size(); ++i)
    if (marks || all[i].mark != RowMark::gone) shown.push_back(&all[i]);
  return shown;
}

void finish_screen(Screen& screen, const ScreenForm& form, std::string_view bottom) {
  screen.resize(std::max<std::size_t>(form.height, kScreenFrame + 1) - 1);
  screen.push_back(frame_line(bottom, form, false));
}

}  // namespace

Screen draw_rows(const WatchedRows& rows, ScreenPlace& place, const ScreenForm& form, std::string_view status,
                 std::string_view bottom) {
  std::size_t pinned = 0;
  const std::vector<const WatchedRows::Row*> shown = shown_rows(rows, pinned, form.marks);
  Screen screen{frame_line(status, form, true)};
  for (std::size_t i = 0; i < pinned; ++i) add_row_lines(screen, rows, rows.rows()[i], form, false);
  const std::size_t frame = screen.size() - 1, all = lines_for_rows(form);
  const std::size_t room = all > frame ? all - frame : 1;
  const auto height_of = [&](std::size_t row) {
    std::vector<std::string> lines;
    add_row_lines(lines, rows, *shown[row], form, false);
    return lines.size();
  };
  place.cursor = shown.empty() ? 0 : std::min(place.cursor, shown.size() - 1);
  place.top = std::min(place.top, place.cursor);
  if (!shown.empty()) {
    // The cursor's row is shown: go up from it until the screen is full.
    std::size_t used = height_of(place.cursor), first = place.cursor;
    while (first > place.top && used + height_of(first - 1) <= room) used += height_of(--first);
    place.top = first;
  }
  std::vector<std::string> lines;
  place.page = 0;
  for (std::size_t row = place.top; row < shown.size() && lines.size() < room; ++row) {
    add_row_lines(lines, rows, *shown[row], form, row == place.cursor);
    place.page += lines.size() <= room;
  }
  place.page = std::max<std::size_t>(place.page, 1);
  lines.resize(std::min(lines.size(), room));
  screen.insert(screen.end(), lines.begin(), lines.end());
  finish_screen(screen, form, bottom);
  return screen;
}

Screen draw_text(std::span<const std::string> text, std::size_t& top, const ScreenForm& form, std::string_view status,
                 std::string_view bottom) {
  Screen screen{frame_line(status, form, true)};
  const std::size_t room = lines_for_rows(form);
  top = std::min(top, text.size() > room ? text.size() - room : 0);
  for (std::size_t i = top; i < text.size() && screen.size() <= room; ++i) {
    std::string safe;
    for (const char c : text[i]) safe += static_cast<unsigned char>(c) < ' ' ? '.' : c;
    screen.emplace_back(beginning_of_width(safe, form.width));
  }
  finish_screen(screen, form, bottom);
  return screen;
}

const WatchedRows::Row* chosen_row(const WatchedRows& rows, const ScreenPlace& place, bool marks) {
  std::size_t pinned = 0;
  const std::vector<const WatchedRows::Row*> shown = shown_rows(rows, pinned, marks);
  return place.cursor < shown.size() ? shown[place.cursor] : nullptr;
}

void follow_row(const WatchedRows& rows, const RowKey& key, bool marks, ScreenPlace& place) {
  std::size_t pinned = 0;
  const std::vector<const WatchedRows::Row*> shown = shown_rows(rows, pinned, marks);
  const auto found = std::ranges::find_if(shown, [&](const WatchedRows::Row* row) { return row->key == key; });
  if (found != shown.end()) place.cursor = static_cast<std::size_t>(found - shown.begin());
}

std::string screen_changes(const Screen& before, const Screen& after) {
  std::string bytes;
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (i < before.size() && before[i] == after[i]) continue;
    // Erased first: after the last column is written, an erase would remove its character.
    bytes += fmt::format("\x1b[{};1H\x1b[2K{}", i + 1, after[i]);
  }
  return bytes;
}

}  // namespace duostat
