// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/table.h"

namespace duostat::procfs {

bool read_pointer(Cursor& cursor, std::uint64_t& value, bool& known) noexcept {
  known = cursor.hex(value);
  if (known) return true;
  Cursor ahead = cursor;
  ahead.skip_blanks();
  const std::string_view text = ahead.rest();
  const std::size_t end = text.find(')');
  if (text.empty() || text.front() != '(' || end == std::string_view::npos) return false;
  cursor = Cursor(text.substr(end + 1));
  return true;
}

}  // namespace duostat::procfs
