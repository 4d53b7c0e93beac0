// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/row.h"

#include <algorithm>
#include <cstring>

#include "compat/ss/number_word.h"
#include "src/query/state_words.h"

namespace duostat::ss {
namespace {

/// By IP protocol number.
constexpr NumberWord kInetNetids[] = {{6, "tcp"},    {17, "udp"},  {0, "raw"},     {262, "mptcp"},
                                      {132, "sctp"}, {33, "dccp"}, {58, "icmp6"}};
/// By SOCK_ number.
constexpr NumberWord kUnixNetids[] = {{1, "u_str"}, {2, "u_dgr"}, {5, "u_seq"}};
constexpr NumberWord kPacketNetids[] = {{3, "p_raw"}};
constexpr NumberWord kVsockNetids[] = {{1, "v_str"}, {2, "v_dgr"}};
constexpr NumberWord kTipcNetids[] = {{1, "ti_st"}, {2, "ti_dg"}, {4, "ti_rd"}, {5, "ti_sq"}};

constexpr std::string_view kSctpStates[] = {"CLOSED",           "COOKIE_WAIT",   "COOKIE_ECHOED",     "ESTAB",
                                            "SHUTDOWN_PENDING", "SHUTDOWN_SENT", "SHUTDOWN_RECEIVED", "ACK_SENT"};

/// C's "%-6d".
void queue_cell(Layout& layout, std::uint32_t value) {
  layout.next();
  if (layout.discards()) return;
  constexpr std::size_t kWidth = 6;
  char* const start = layout.reserve(32);
  std::memset(start, ' ', kWidth);
  char* end = format_signed(start, static_cast<std::int32_t>(value));
  if (end < start + kWidth) end = start + kWidth;
  layout.commit(end);
}

void first_cells(View& view, std::string_view netid, std::string_view state, std::uint32_t rqueue,
                 std::uint32_t wqueue) {
  Layout& layout = view.layout;
  layout.go(LayoutColumn::netid);
  layout.put(netid);
  layout.next();
  layout.put(state);
  queue_cell(layout, rqueue);
  queue_cell(layout, wqueue);
  layout.next();
}

/// A peer that is only a star.
void star_peer(Layout& layout) {
  layout.next();
  layout.put("*");
  layout.next();
}

void vsock_number(Piece& piece, std::uint32_t number) {
  if (number == ~std::uint32_t{0}) {
    piece.text('*');
  } else {
    piece.dec(number);
  }
}

void vsock_endpoint(Layout& layout, const Endpoint& endpoint) {
  {
    Piece piece(layout);
    vsock_number(piece, endpoint.node);
    piece.text(':');
  }
  layout.next();
  Piece piece(layout);
  vsock_number(piece, endpoint.port);
}

/// The name as one word: what stands before the first NUL of a path, an abstract name with '@' for each NUL.
void unix_name(View& view, const UnixDetail& detail) {
  Piece piece(view.layout);
  const std::string_view name = detail.name;
  if (name.empty()) {
    piece.text('*');
  } else if (name[0] != '\0') {
    piece.text(view.labels.harmless(name.substr(0, name.find('\0'))));
  } else {
    std::string visible(name);
    std::ranges::replace(visible, '\0', '@');
    piece.text(view.labels.harmless(visible));
  }
  piece.text(' ');
}

}  // namespace

std::string_view sctp_state_word(unsigned state) {
  // quirk: sctp-association-state
  return state < std::size(kSctpStates) ? kSctpStates[state] : std::string_view("UNKNOWN");
}

unsigned wire_protocol(const Socket& socket) {
  if (socket.has(Field::ip_protocol)) return socket.ip_protocol;
  if (socket.protocol == Protocol::raw && from_text(socket)) return 0;
  return row_of(socket.protocol).ip_protocol;
}

void inet_cells(View& view, const Socket& socket) {
  Layout& layout = view.layout;
  const unsigned protocol = wire_protocol(socket);
  const std::uint32_t wqueue = socket.has(Field::backlog) ? socket.backlog_limit : socket.wqueue;
  if (protocol == kSctp && socket.inode != 0 && socket.inode == view.previous_inode) {
    const std::string state = "`- " + std::string(sctp_state_word(static_cast<unsigned>(socket.state)));
    first_cells(view, {}, state, socket.rqueue, wqueue);
  } else {
    first_cells(view, word_of(kInetNetids, protocol, "???"), state_word(socket.state), socket.rqueue, wqueue);
  }
  view.previous_inode = socket.inode;

  const bool v6only = socket.has(Field::v6only) && socket.v6only == 1;
  {
    Piece piece(layout);
    view.labels.endpoint(piece, socket.family, socket.local.address, v6only);
    if (socket.has(Field::interface) && socket.ifindex != 0) {
      piece.text('%');
      view.labels.interface(piece, socket.ifindex);
    }
    piece.text(':');
  }
  layout.next();
  {
    Piece piece(layout);
    view.labels.port(piece, socket.local.port);
  }
  layout.next();
  {
    Piece piece(layout);
    view.labels.endpoint(piece, socket.family, socket.remote.address, v6only);
    piece.text(':');
  }
  layout.next();
  Piece piece(layout);
  view.labels.port(piece, socket.remote.port);
}

RowWords words_of(const View& view, const Socket& socket) {
  RowWords words{.queues = view.request.queues};
  const bool sctp = socket.protocol == Protocol::sctp;
  const bool local = socket.family == Family::unix_domain && socket.unix_domain != nullptr;
  const bool text_name = local && socket.unix_domain->name_is_text;
  if (sctp) words.group = TermGroup::sctp_state;
  if (sctp && socket.remote.port != 0) words.state = sctp_state_word(static_cast<unsigned>(socket.state));
  else if (socket.family == Family::packet || socket.family == Family::netlink) words.state = state_word(State::close);
  else words.state = state_word(text_name ? unix_text_state(socket) : socket.state);
  return words;
}

void put_explanation(View& view, std::string_view line) {
  if (view.request.oneline) Piece(view.layout, " (").text(line).text(')');
  else Piece(view.layout, "\n\t").text(line);
}

State unix_text_state(const Socket& socket) {
  // quirk: unix-text-datagram the file's kernel address is taken for the peer's, so that datagram sockets look
  // connected.
  const bool has_address = socket.has(Field::cookie) && socket.cookie != 0;
  return socket.protocol == Protocol::unix_dgram && socket.state == State::close && has_address ? State::established
                                                                                               : socket.state;
}

void unix_cells(View& view, const Socket& socket) {
  Layout& layout = view.layout;
  static constexpr UnixDetail kNone{};
  const UnixDetail& detail = socket.unix_domain != nullptr ? *socket.unix_domain : kNone;
  const State state = detail.name_is_text ? unix_text_state(socket) : socket.state;
  const std::uint32_t wqueue = socket.has(Field::backlog) ? socket.backlog_limit : socket.wqueue;
  first_cells(view, word_of(kUnixNetids, socket.type, "u_dgr"), state_word(state), socket.rqueue, wqueue);
  unix_name(view, detail);
  layout.next();
  Piece(layout).dec(socket.inode);
  layout.next();
  layout.put("* ");
  layout.next();
  Piece(layout).dec(detail.peer_inode);
}

void packet_cells(View& view, const Socket& socket) {
  Layout& layout = view.layout;
  first_cells(view, word_of(kPacketNetids, socket.type, "p_dgr"), state_word(State::close), socket.rqueue, 0);
  {
    Piece piece(layout);
    view.labels.ethertype(piece, static_cast<std::uint16_t>(socket.local.node));
    piece.text(':');
  }
  layout.next();
  {
    Piece piece(layout);
    if (socket.local.port == 0) {
      piece.text('*');
    } else {
      view.labels.interface(piece, socket.local.port);
    }
  }
  star_peer(layout);
}

void netlink_cells(View& view, const Socket& socket) {
  Layout& layout = view.layout;
  first_cells(view, "nl", state_word(State::close), socket.rqueue, socket.wqueue);
  {
    Piece piece(layout);
    view.labels.netlink_protocol(piece, socket.local.node);
    piece.text(':');
  }
  layout.next();
  {
    Piece piece(layout);
    view.labels.netlink_port(piece, static_cast<std::int32_t>(socket.local.port));
  }
  if (socket.state != State::established) return star_peer(layout);
  layout.next();
  Piece(layout).sdec(static_cast<std::int32_t>(socket.remote.node)).text(':');
  layout.next();
  Piece(layout).sdec(static_cast<std::int32_t>(socket.remote.port));
}

void vsock_cells(View& view, const Socket& socket) {
  first_cells(view, word_of(kVsockNetids, socket.type, "???"), state_word(socket.state), 0, 0);
  vsock_endpoint(view.layout, socket.local);
  view.layout.next();
  vsock_endpoint(view.layout, socket.remote);
}

void tipc_cells(View& view, const Socket& socket) {
  Layout& layout = view.layout;
  const unsigned type = socket.tipc != nullptr ? socket.tipc->type : socket.type;
  first_cells(view, word_of(kTipcNetids, type, "???"), state_word(socket.state), socket.rqueue, socket.wqueue);
  Piece(layout).dec(socket.local.node).text(':');
  layout.next();
  Piece(layout).dec(socket.local.port);
  layout.next();
  if (socket.tipc == nullptr || !socket.tipc->has_connection) {
    layout.put("-");
    return layout.next();
  }
  Piece(layout).dec(socket.remote.node).text(':');
  layout.next();
  Piece(layout).dec(socket.remote.port);
}

void xdp_cells(View& view, const Socket& socket) {
  Layout& layout = view.layout;
  first_cells(view, "xdp", state_word(State::close), socket.rqueue, 0);
  if (socket.ifindex == 0) {
    layout.put("*");
    layout.next();
  } else {
    {
      Piece piece(layout);
      view.labels.interface(piece, socket.ifindex);
      piece.text(':');
    }
    layout.next();
    Piece(layout).text('q').dec(socket.local.port);
  }
  star_peer(layout);
}

}  // namespace duostat::ss
