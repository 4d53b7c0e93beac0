// The screen of --watch as a value: what each line shows, and the bytes that change one screen into the next.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/view/watched_rows.h"

namespace duostat {

/// Each line with its attributes (SGR sequences), without trailing blanks.
using Screen = std::vector<std::string>;

struct ScreenForm {
  std::size_t width = 80, height = 24;
  bool attributes = true;  ///< bold, colours and reverse video; false: NO_COLOR
  bool marks = true;       ///< of new, changed and gone rows; gone ones are left out without them
};

/// What the user looks at. draw_rows() corrects the numbers if the rows no longer reach so far.
struct ScreenPlace {
  std::size_t top = 0;     ///< first row that is shown, after the headings at the top
  std::size_t cursor = 0;  ///< the chosen row; it is always on the screen
  std::size_t page = 1;    ///< rows that a page has; set by draw_rows()
};

/// Columns of the left margin: the mark of a row and the cursor.
inline constexpr std::size_t kScreenMargin = 2;
/// Lines of the screen that are no rows: the status and the bottom line.
inline constexpr std::size_t kScreenFrame = 2;

/// The status line, the headings, the rows and the bottom line. Rows wider than the screen continue on the next line.
Screen draw_rows(const WatchedRows& rows, ScreenPlace& place, const ScreenForm& form, std::string_view status,
                 std::string_view bottom);
/// The same with lines of text (help, all fields of a row) in place of rows. `top` is corrected.
Screen draw_text(std::span<const std::string> lines, std::size_t& top, const ScreenForm& form, std::string_view status,
                 std::string_view bottom);
/// The row under the cursor; null without rows.
const WatchedRows::Row* chosen_row(const WatchedRows& rows, const ScreenPlace& place, bool marks);
/// Puts the cursor on the row with this key, if there is one.
void follow_row(const WatchedRows& rows, const RowKey& key, bool marks, ScreenPlace& place);

/// The bytes that change a terminal from one screen into the other: only the lines that differ. An empty `before`
/// sends all.
std::string screen_changes(const Screen& before, const Screen& after);

}  // namespace duostat
