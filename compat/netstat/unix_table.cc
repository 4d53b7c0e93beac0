// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/unix_table.h"

#include <algorithm>

#include "compat/netstat/cells.h"
#include "compat/netstat/selection.h"
#include "compat/netstat/sockets_table.h"
#include "compat/netstat/words.h"
#include "src/base/escape.h"

namespace duostat::netstat {
namespace {

constexpr std::uint32_t kWaitsForData = 1 << 17, kNoSpace = 1 << 18;
constexpr int kUnixInodeWidth = 8;
constexpr std::size_t kUnixRowMax = 256 + kOwnerCellsMax;

/// "[ ACC W N ]"
char* put_flags(char* at, std::uint32_t flags) {
  char* const start = at;
  at = put(at, "[ ");
  if ((flags & kAcceptsConnections) != 0) at = put(at, "ACC ");
  if ((flags & kWaitsForData) != 0) at = put(at, "W ");
  if ((flags & kNoSpace) != 0) at = put(at, "N ");
  return pad(start, put(at, "]"), 11);
}

char* put_inode(char* at, const Socket& s) {
  const bool known = s.has(Field::inode) && s.unix_domain->has_inode_column;
  return known ? pad(at, format_decimal(at, s.inode), kUnixInodeWidth) : put_left(at, "-", kUnixInodeWidth);
}

}  // namespace

void UnixTable::header(std::string_view first) {
  out_.append("Active UNIX domain sockets ");
  out_.append(selection_of(request_).heading);
  out_.append('\n');
  out_.append(first);
  out_.append("Proto RefCnt Flags       Type       State         I-Node  ");
  put_owner_headings(out_, request_);
  out_.append(" Path\n");
}

FieldSet UnixTable::needs() const {
  FieldSet fields{Field::refcount, Field::inode, Field::unix_name, Field::unix_flags};
  if (request_.programs) fields.add(Field::owner);
  return fields;
}

/// The name up to its first white space, where the original's scan of the line stops.
std::string_view UnixTable::path(const Socket& s) {
  std::string_view name = s.unix_domain->name;
  if (!s.unix_domain->name_is_text && name.find('\0') != std::string_view::npos) {
    name_scratch_.assign(name);
    std::ranges::replace(name_scratch_, '\0', '@');
    name = name_scratch_;
  }
  return without_controls(name.substr(0, name.find_first_of(" \t\n\v\f\r")), escape_scratch_);
}

std::string_view UnixTable::state(const Socket& s) {
  return unix_state(s.unix_domain->socket_state, (s.unix_domain->flags & kAcceptsConnections) != 0);
}

void UnixTable::row(const Socket& s) {
  const UnixDetail& detail = *s.unix_domain;

  char* at = out_.reserve(kUnixRowMax);
  at = put(at, detail.protocol == 0 ? "unix  " : "??    ");
  at = s.has(Field::refcount) ? put_decimal_left(at, s.refcount, 6) : put_left(at, "-", 6);
  *at++ = ' ';
  at = put_flags(at, detail.flags);
  *at++ = ' ';
  at = put_left(at, unix_type(s.type), 10);
  *at++ = ' ';
  at = put_left(at, state(s), 13);
  *at++ = ' ';
  at = put_inode(at, s);
  at = put_owner_cells(at, s, request_, programs_);
  *at++ = ' ';
  out_.advance(at);
  if (detail.has_inode_column) {
    out_.append(path(s));
  } else if (s.has(Field::inode)) {
    at = out_.reserve(24);
    out_.advance(format_decimal(at, s.inode));
  }
  out_.append('\n');
}

}  // namespace duostat::netstat
