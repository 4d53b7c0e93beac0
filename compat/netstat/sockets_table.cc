// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/sockets_table.h"

#include "compat/netstat/cells.h"
#include "compat/netstat/selection.h"
#include "compat/netstat/words.h"
#include "src/base/escape.h"

namespace duostat::netstat {
namespace {

constexpr int kUserWidth = 10, kInternetInodeWidth = 10;
constexpr std::size_t kUserMax = 256;  ///< of a login name
/// The longest row: protocol, queues, endpoints, state, user, inode, owner, timer.
constexpr std::size_t kInternetRowMax =
    6 + 2 * 21 + 2 * EndpointText::kRoom + 2 * kStateWidth + kUserMax + 32 + kOwnerCellsMax + kTimerTextMax + 16;

/// The first column and the blank after it.
std::string_view protocol_word(Protocol protocol, Family family) {
  const bool six = family == Family::inet6;
  switch (protocol) {
    case Protocol::tcp: return six ? "tcp6  " : "tcp   ";
    case Protocol::udp: return six ? "udp6  " : "udp   ";
    case Protocol::udplite: return six ? "udpl6 " : "udpl  ";
    case Protocol::raw: return six ? "raw6  " : "raw   ";
    default: return "??    ";
  }
}

char* put_internet_state(char* at, const Socket& s) {
  if (s.protocol == Protocol::raw) return put_decimal_left(at, static_cast<unsigned>(s.state), kStateWidth);
  return put_left(at, s.protocol == Protocol::tcp ? tcp_state(s.state) : datagram_state(s.state), kStateWidth);
}

}  // namespace

void put_owner_headings(Output& out, const Request& request) {
  if (request.programs) out.append(" PID/Program name    ");
  if (request.context) out.append(" Security Context                                 ");
}

char* put_owner_cells(char* at, const Socket& socket, const Request& request, Programs& programs) {
  if (request.programs) {
    *at++ = ' ';
    at = pad(at, programs.format(at, socket), Programs::kWidth);
  }
  if (request.context) {
    *at++ = ' ';
    at = pad(at, programs.format_context(at, socket), Programs::kContextWidth);
  }
  return at;
}

SocketsTable::SocketsTable(const Request& request, Resolver& names, Programs& programs, Output& out)
    : request_(request), names_(names), programs_(programs), out_(out),
      endpoints_({request.numeric_hosts, request.numeric_ports, request.wide}, names) {}

void SocketsTable::header(std::string_view first) {
  out_.append("Active Internet connections ");
  out_.append(selection_of(request_).heading);
  out_.append('\n');
  out_.append(first);
  out_.append("Proto Recv-Q Send-Q Local Address           Foreign Address         State      ");
  if (request_.extend > 0) out_.append(" User       Inode     ");
  put_owner_headings(out_, request_);
  if (request_.timers) out_.append(" Timer");
  out_.append('\n');
}

RowWords SocketsTable::words(const Socket& s) {
  RowWords words{.group = TermGroup::netstat_state, .timers = TermGroup::netstat_timer, .queues = true};
  if (s.protocol == Protocol::raw) words.state = s.state == State::established ? "1" : "7";
  else words.state = s.protocol == Protocol::tcp ? tcp_state(s.state) : datagram_state(s.state);
  if (words.state.empty()) words.state = "no state";
  return words;
}

FieldSet SocketsTable::needs() const {
  FieldSet fields{Field::queues};
  if (request_.extend > 0) fields |= {Field::uid, Field::inode};
  if (request_.programs) fields |= {Field::inode, Field::owner};
  if (request_.timers) fields |= {Field::timer, Field::timer_count, Field::retransmits};
  return fields;
}

void SocketsTable::row(const Socket& s) {
  char* at = put(out_.reserve(kInternetRowMax), protocol_word(s.protocol, s.family));
  at = put_decimal_right(at, s.rqueue, 6);
  *at++ = ' ';
  at = put_decimal_right(at, s.wqueue, 6);
  *at++ = ' ';
  at = endpoints_.format(at, s.local.family, s.protocol, s.local, kEndpointWidth);
  *at++ = ' ';
  at = endpoints_.format(at, s.remote.family, s.protocol, s.remote, kEndpointWidth);
  *at++ = ' ';
  at = put_internet_state(at, s);
  char timer[kTimerTextMax];
  const char* timer_end = request_.timers ? format_timer(timer, s) : timer;
  finish_row(at, s, {timer, static_cast<std::size_t>(timer_end - timer)});
}

void SocketsTable::finish_row(char* at, const Socket& s, std::string_view timer) {
  if (request_.extend > 0) {
    *at++ = ' ';
    const std::string_view user = request_.numeric_users ? std::string_view{} : names_.user(s.uid);
    std::string scratch;  // allocates only if a login name has control characters
    at = user.empty() ? put_decimal_left(at, static_cast<std::int32_t>(s.uid), kUserWidth)
                      : put_left(at, without_controls(user, scratch).substr(0, kUserMax), kUserWidth);
    *at++ = ' ';
    at = s.has(Field::inode) ? pad(at, format_decimal(at, s.inode), kInternetInodeWidth)
                             : put_left(at, "-", kInternetInodeWidth);
  }
  at = put_owner_cells(at, s, request_, programs_);
  if (request_.timers) at = put(put(at, " "), timer);
  *at++ = '\n';
  out_.advance(at);
}

}  // namespace duostat::netstat
