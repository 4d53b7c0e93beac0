// Common parts of the /proc/net readers: the loop over lines, and the result for each line.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"
#include "src/procfs/batch.h"
#include "src/query/query.h"

namespace duostat::procfs {

/// The result of parsing a line.
enum class Row : std::uint8_t {
  kept,       ///< a socket
  unasked,    ///< a socket of a state, family or type outside the query
  malformed,  ///< not a row of this file
  joined,     ///< not a row, but the continuation of one, and appended to it
};

/// The state of one answer while it is read.
struct Reading {
  const Query& query;
  Batch& batch;
  Coverage& coverage;
  unsigned ticks;  ///< clock ticks per second in the kernel's text (USER_HZ)
};

/// True if the query includes rows in this state. States beyond the mask are passed on, and the caller decides.
inline bool state_asked(const Query& query, State state) {
  return (kAllStates >> (static_cast<unsigned>(state) & 31) & 1) == 0 || static_cast<unsigned>(state) > 31 ||
         in_mask(query.states, state);
}

/// Calls `row` for each remaining line and counts the lines that are not rows. A last line without a newline counts if
/// it parses as a row.
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

/// Parses a kernel address as printed by "%p": a hash in hexadecimal, or "(____ptrval____)" before the kernel can hash;
/// the latter succeeds and leaves `known` false.
bool read_pointer(Cursor& cursor, std::uint64_t& value, bool& known) noexcept;

/// The readers, one per format. Each passes the rows of one open file, whose first line is `heading`, to the batch.
/// `heading` is valid until the next line is read.
void read_inet(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);
void read_unix(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);
void read_packet(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);
void read_netlink(Protocol protocol, std::string_view heading, LineReader& lines, Reading& reading);

}  // namespace duostat::procfs
