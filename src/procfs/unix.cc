// /proc/net/unix (unix_seq_show()):
//
//   Num       RefCount Protocol Flags    Type St Inode Path
//   00000000b5d6a2d3: 00000002 00000000 00010000 0001 01 31337 /run/test.sock
//
// The name is printed unescaped except that NUL becomes '@', and only a newline separates it from the next row. A name
// may contain newlines itself, so any process that can bind a socket can insert lines into this file:
//  - A line that is not a row is the continuation of the name above it, and is joined to it again.
//  - A line that has the columns, but not in the kernel's exact widths or not with the address width of the first row
//    (which cannot be forged), is treated in the same way.
//  - A line in the exact form of a row cannot be distinguished from one. A name (108 bytes) has room for one such line,
//    not for two. Callers that need certainty ask netlink, where names have lengths.
// Names are escaped where they are printed.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/unix.h"

#include "src/base/cursor.h"
#include "src/procfs/table.h"

namespace duostat::procfs {
namespace {

constexpr std::uint32_t kAcceptCon = 0x10000;  // __SO_ACCEPTCON
constexpr std::size_t kLongestName = 108;      // sizeof sun_path

/// Parses one hexadecimal column; clears `shape` unless it is one blank and `width` digits.
bool column(Cursor& cursor, unsigned width, std::uint32_t& value, bool& shape) noexcept {
  const std::size_t before = cursor.rest().size();
  std::uint64_t number;
  if (!cursor.hex(number) || number > 0xffffffff) return false;
  shape = shape && before - cursor.rest().size() == width + 1;
  value = static_cast<std::uint32_t>(number);
  return true;
}

/// The socket state of this row. The file has the state in struct socket: SS_UNCONNECTED …
State state_of(const UnixRow& row) {
  constexpr State kStates[] = {State::unknown, State::close, State::syn_sent, State::established, State::closing};
  if ((row.flags & kAcceptCon) != 0) return State::listen;
  return row.state < std::size(kStates) ? kStates[row.state] : State::unknown;
}

/// Reads one file, with the state that decides whether a line is a row.
class UnixReader {
 public:
  UnixReader(Reading& reading, bool has_inode_column) : reading_(reading), has_inode_column_(has_inode_column) {}

  Row line(std::string_view text) {
    UnixRow row;
    if (!parse_unix(text, has_inode_column_, row) || !fits(row)) return join(text) ? Row::joined : Row::malformed;
    open_ = nullptr;
    const Protocol protocol = unix_protocol(row.type);
    passed_over_ = !reading_.query.protocols.has(protocol) && !row.name.empty();
    if (!reading_.query.protocols.has(protocol)) return Row::unasked;
    Socket* socket = reading_.batch.begin(text.size());
    if (socket == nullptr) return Row::unasked;
    UnixDetail& detail = reading_.batch.unix_domain();
    fill_unix(row, has_inode_column_, *socket, detail);
    if (!row.name.empty()) detail.name = reading_.batch.keep(row.name);
    open_ = row.name.empty() ? nullptr : &detail;
    reading_.batch.commit();
    return Row::kept;
  }

 private:
  /// True if the row has the widths of the file's first row, which no name precedes.
  bool fits(const UnixRow& row) {
    if (width_ == 0) {
      exact_ = row.kernel_shape;
      width_ = row.address_width;
    }
    return !exact_ || (row.kernel_shape && row.address_width == width_);
  }
  /// Appends a line to the name that it was split from; false if no name can contain it.
  bool join(std::string_view text) {
    if (passed_over_) return true;
    if (open_ == nullptr || open_->name.size() + 1 + text.size() > kLongestName) return false;
    std::string_view name = open_->name;
    if (!reading_.batch.extend(name, "\n") || !reading_.batch.extend(name, text)) return false;
    open_->name = name;
    return true;
  }

  Reading& reading_;
  const bool has_inode_column_;
  UnixDetail* open_ = nullptr;  ///< the previous row, if it is in the batch and has a name
  bool passed_over_ = false;    ///< the previous row has a name and is outside the query: drop its continuations too
  unsigned width_ = 0;
  bool exact_ = false;
};

}  // namespace

bool parse_unix(std::string_view line, bool has_inode_column, UnixRow& row) noexcept {
  Cursor cursor(line);
  row = UnixRow{};
  cursor.skip_blanks();
  const std::string_view text = cursor.rest();
  if (!read_pointer(cursor, row.address, row.has_address)) return false;
  row.address_width = static_cast<unsigned>(text.size() - cursor.rest().size());
  bool shape = text.size() == line.size() && (row.address_width == 16 || row.address_width == 8);
  if (!cursor.expect(':') || !column(cursor, 8, row.refcount, shape) || !column(cursor, 8, row.protocol, shape) ||
      !column(cursor, 8, row.flags, shape) || !column(cursor, 4, row.type, shape) ||
      !column(cursor, 2, row.state, shape) || row.type > 0xff || row.state > 0xff)
    return false;
  if (has_inode_column) {
    const std::size_t before = cursor.rest().size();
    row.has_inode = cursor.dec(row.inode);
    const std::size_t width = before - cursor.rest().size();
    shape = shape && row.has_inode && width >= 6;
  }
  row.name = cursor.rest();
  if (!row.name.empty()) {
    shape = shape && row.name.front() == ' ';
    row.name.remove_prefix(row.name.front() == ' ' ? 1 : 0);
  }
  row.kernel_shape = shape;
  return true;
}

void fill_unix(const UnixRow& row, bool has_inode_column, Socket& socket, UnixDetail& detail) {
  socket.protocol = unix_protocol(static_cast<std::uint8_t>(row.type));
  socket.family = Family::unix_domain;
  socket.type = static_cast<std::uint8_t>(row.type);
  socket.state = state_of(row);
  socket.refcount = row.refcount;
  socket.inode = row.inode;
  socket.cookie = row.address;
  socket.present = {Field::refcount, Field::unix_flags, Field::unix_name};
  if (row.has_inode) socket.present.add(Field::inode);
  if (row.has_address) socket.present.add(Field::cookie);
  detail = UnixDetail{};
  detail.name_is_text = true;
  detail.protocol = row.protocol;
  detail.flags = row.flags;
  detail.socket_state = static_cast<std::uint8_t>(row.state);
  detail.has_inode_column = has_inode_column;
  socket.unix_domain = &detail;
}

void read_unix(Protocol, std::string_view heading, LineReader& lines, Reading& reading) {
  // States are not filtered here: ss derives its own from the columns, and netstat shows the columns.
  UnixReader reader(reading, heading.find("Inode") != std::string_view::npos);
  each_row(lines, reading, [&](std::string_view line) { return reader.line(line); });
}

}  // namespace duostat::procfs
