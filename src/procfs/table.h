// What the readers of the /proc/net files have in common: the loop over the lines and the verdicts on them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"
#include "src/procfs/batch.h"
#include "src/query/query.h"

namespace duostat::procfs {

/// What became of a line.
enum class Row : std::uint8_t {
  kept,       ///< a socket
  unasked,    ///< a socket of a state, family or type that was not asked for
  malformed,  ///< not a row of this file
  joined,     ///< not a row either, but the continuation of one, and given back to it
};

/// One answer in the making.
struct Reading {
  const Query& query;
  Batch& batch;
  Coverage& coverage;
  unsigned ticks;  ///< clock ticks a second in the kernel's text (USER_HZ)
};

/// True if rows in this state are wanted. States that no mask can name are handed out: the asker knows what to do.
inline bool state_asked(const Query& query, State state) {
  return (kAllStates >> (static_cast<unsigned>(state) & 31) & 1) == 0 || static_cast<unsigned>(state) > 31 ||
         in_mask(query.states, state);
}

/// Calls `row` for each line that is left and counts what is no row. A last line without its newline is taken if it
/// reads as a row.
template <class RowFunction>
void each_row(LineReader& lines, Reading& reading, RowFunction&& row) {
  std::string_view line;
  unsigned long cut = lines.cut();
  while (!reading.batch.stopped() && lines.next(line)) {
    if (lines.cut() != cut) {
      cut = lines.cut();
      ++reading.coverage.truncated;
      continue;
    }
    const Row verdict = row(line);
    if (verdict == Row::malformed) ++(lines.torn() ? reading.coverage.truncated : reading.coverage.malformed);
    if (verdict == Row::joined) ++reading.coverage.joined;
  }
}

/// A kernel address as "%p" writes it: a hash in hexadecimal, or "(____ptrval____)" before the kernel can hash, which
/// passes and leaves `known` false.
bool read_pointer(Cursor& cursor, std::uint64_t& value, bool& known) noexcept;

/// The readers, one per format. Each hands the rows of one open file, whose first line is `heading`, to the batch.
/// `heading` is valid until the next line is read.
void read_inet(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);
void read_unix(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);
void read_packet(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);
void read_netlink(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);

}  // namespace duostat::procfs
