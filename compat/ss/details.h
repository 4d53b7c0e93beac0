// The details after the addresses of a row, by family: tables of items in output order.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <vector>

#include "compat/ss/view.h"

namespace duostat::ss {

/// The last item of inet rows. Recorded answers show it without an option.
const Detail& storage_detail();
/// Inet rows from netlink; TCP rows of a text file; UDP and raw rows of a text file.
std::span<const Detail> inet_details();
std::span<const Detail> tcp_text_details();
std::span<const Detail> plain_text_details();
/// The other families.
std::span<const Detail> unix_details();
std::span<const Detail> packet_details();
std::span<const Detail> netlink_details();
std::span<const Detail> vsock_details();
std::span<const Detail> tipc_details();
std::span<const Detail> xdp_details();

/// The items of a table that the request shows; their needs are added to `needs`.
std::vector<Detail> chosen(std::span<const Detail> details, const Request& request, FieldSet& needs);

// Parts that several tables share.

/// " users:((…))" of the processes that hold the socket.
void print_users(View& view, const Socket& socket);
bool shows_users(const Request& request);
inline constexpr Detail kUsers{LayoutColumn::process, {Field::inode}, shows_users, print_users};
/// Whether -e, and whether -m was given.
bool shows_extended(const Request& request);
bool shows_memory(const Request& request);
/// " skmem:(…)".
void print_skmem(Layout& layout, const SocketMemory& memory);
/// " <->": the directions that are shut down.
void print_arrow(View& view, const Socket& socket);
void print_uid(View& view, const Socket& socket);
void print_inode(View& view, const Socket& socket);
void print_cookie(View& view, const Socket& socket);
/// Formats milliseconds as timers show them: "1min5sec", "200ms".
void print_duration(Piece& piece, std::uint64_t ms);
/// A rate in "%.3gM" form, or whole with -n.
void print_rate(Piece& piece, const Request& request, double bits_per_second);

// The internals of the transport protocols (-i, -m).

/// Prints one item of them.
using Item = void (*)(View&, const Socket&);
void print_tcp_internals(View& view, const Socket& socket);
void print_mptcp_internals(View& view, const Socket& socket);
void print_sctp_internals(View& view, const Socket& socket);
inline constexpr FieldSet kInternalFields{Field::tcp_info,  Field::congestion, Field::vegas_info,
                                          Field::dctcp_info, Field::bbr_info,  Field::mptcp_info};

/// One label for a table of counters; usable as a template argument.
template <std::size_t N>
struct Label {
  constexpr Label(const char (&text)[N]) {  // NOLINT: implicit, so that a literal can be the argument
    for (std::size_t i = 0; i < N; ++i) chars[i] = text[i];
  }
  constexpr std::string_view view() const { return {chars, N - 1}; }
  char chars[N];
};

}  // namespace duostat::ss
