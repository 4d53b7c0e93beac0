// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/procfs/sctp_tables.h"

#include <arpa/inet.h>

#include <cstring>

#include "src/base/cursor.h"
#include "src/base/line_reader.h"

namespace duostat {
namespace {

bool skip_words(Cursor& cursor, int count) noexcept {
  std::string_view word;
  for (; count > 0; --count)
    if (!cursor.word(word)) return false;
  return true;
}

template <class Number>
bool number(Cursor& cursor, Number& value) noexcept {
  std::uint64_t wide = 0;
  if (!cursor.dec(wide)) return false;
  value = static_cast<Number>(wide);
  return true;
}

bool all_addresses(std::string_view list) noexcept {
  Family family;
  Address address;
  while (next_sctp_address(list, family, address)) {
  }
  return list.empty();
}

}  // namespace

bool parse_sctp_endpoint(std::string_view line, SctpRow& row) noexcept {
  Cursor cursor(line);
  std::uint8_t state = 0;
  row = {};
  if (!skip_words(cursor, 3) || !number(cursor, state) || !skip_words(cursor, 1) || !number(cursor, row.local_port) ||
      !number(cursor, row.uid) || !number(cursor, row.inode))
    return false;
  row.state = static_cast<State>(state);
  row.local = cursor.rest();
  return all_addresses(row.local);
}

bool parse_sctp_association(std::string_view line, SctpRow& row) noexcept {
  Cursor cursor(line);
  std::uint8_t state = 0;
  row = {};
  if (!skip_words(cursor, 3) || !number(cursor, state) || !skip_words(cursor, 3) || !number(cursor, row.tx_queue) ||
      !number(cursor, row.rx_queue) || !number(cursor, row.uid) || !number(cursor, row.inode) ||
      !number(cursor, row.local_port) || !number(cursor, row.remote_port))
    return false;
  row.state = static_cast<State>(state);
  const std::string_view rest = cursor.rest().substr(0, cursor.rest().find('\t'));
  const auto arrow = rest.find("<->");
  row.local = rest.substr(0, arrow);
  if (arrow != std::string_view::npos) row.remote = rest.substr(arrow + 3);
  return all_addresses(row.local) && all_addresses(row.remote);
}

bool next_sctp_address(std::string_view& list, Family& family, Address& address) noexcept {
  Cursor cursor(list);
  std::string_view word;
  if (!cursor.word(word)) {
    list = {};
    return false;
  }
  if (word.starts_with('*')) word.remove_prefix(1);
  char text[INET6_ADDRSTRLEN];
  if (word.size() >= sizeof text) return false;
  std::memcpy(text, word.data(), word.size());
  text[word.size()] = 0;
  family = word.find(':') != std::string_view::npos ? Family::inet6 : Family::inet;
  address = {};
  if (inet_pton(family == Family::inet6 ? AF_INET6 : AF_INET, text, address.data()) != 1) return false;
  list = cursor.rest();
  return true;
}

Coverage read_sctp_table(const ProcDir& proc, bool associations, FunctionRef<void(const SctpRow&)> sink) {
  const std::string_view file = associations ? "net/sctp/assocs" : "net/sctp/eps";
  Coverage coverage;
  const Fd fd = proc.open(file, coverage.error);
  if (!fd) {
    coverage.operation = Operation::open;
    coverage.object = proc.path(file);
    return coverage;
  }
  LineReader lines(fd.get());
  std::string_view line;
  lines.next(line);  // skip the column names
  SctpRow row;
  while (lines.next(line)) {
    if (!(associations ? parse_sctp_association(line, row) : parse_sctp_endpoint(line, row))) {
      ++coverage.malformed;
      continue;
    }
    ++coverage.rows;
    sink(row);
  }
  coverage.truncated = lines.cut();
  if (lines.error() != 0) {
    coverage.error = lines.error();
    coverage.operation = Operation::read;
    coverage.object = proc.path(file);
  }
  return coverage;
}

}  // namespace duostat
