// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/sctp_table.h"

#include <algorithm>
#include <cstring>

#include "compat/netstat/cells.h"
#include "compat/netstat/words.h"

namespace duostat::netstat {
namespace {

constexpr int kEndpointWidth = 47, kAddressWidth = 23, kStateWidth = 11, kIndent = 20;
constexpr std::size_t kLineMax = 2048;

char* put_state(char* at, State state, bool first) {
  if (!first) return pad(at, at, kStateWidth);
  const auto number = static_cast<unsigned>(state);
  if (number <= static_cast<unsigned>(State::closing)) return put_left(at, tcp_state(state), kStateWidth);
  char* const start = at;
  at = format_decimal(put(at, "UNKNOWN("), number);
  return pad(start, put(at, ")"), kStateWidth);
}

/// The fields that the optional columns print.
Socket owner_fields(const SctpRow& row) {
  Socket socket;
  socket.protocol = Protocol::sctp;
  socket.uid = row.uid;
  socket.inode = row.inode;
  socket.present = {Field::uid, Field::inode};
  return socket;
}

/// Any option for numeric output makes hosts numeric.
bool numeric(const Request& r) { return r.numeric_hosts || r.numeric_ports || r.numeric_users || r.symbolic; }

/// Appends the addresses of a list as struct sockaddr_storage, and stores the first in `first`. An IPv6 address sets `socket` to
/// inet6: only a socket of that family has addresses of both.
void store_addresses(std::string_view list, Endpoint& first, Family& socket, std::vector<std::byte>& storage) {
  constexpr std::size_t kStorage = 128, kInetAt = 4, kInet6At = 8;
  Address address{};
  for (Family its = Family::unspecified; next_sctp_address(list, its, address);) {
    if (storage.empty()) first.address = address, first.family = its;
    if (its == Family::inet6) socket = Family::inet6;
    const std::size_t at = storage.size();
    storage.resize(at + kStorage);
    const auto number = static_cast<std::uint16_t>(its);
    std::memcpy(&storage[at], &number, sizeof number);
    std::memcpy(&storage[at + (its == Family::inet ? kInetAt : kInet6At)], address.data(), its == Family::inet ? 4 : 16);
    list.remove_prefix(std::min(list.find_first_not_of(' '), list.size()));
    address = {};
  }
}

}  // namespace

SctpSocket::SctpSocket(const SctpRow& row) {
  socket_ = owner_fields(row);
  socket_.state = row.state;
  socket_.family = socket_.local.family = socket_.remote.family = Family::inet;
  socket_.local.port = row.local_port;
  socket_.remote.port = row.remote_port;
  socket_.rqueue = static_cast<std::uint32_t>(row.rx_queue);
  socket_.wqueue = static_cast<std::uint32_t>(row.tx_queue);
  socket_.present |= {Field::queues};
  store_addresses(row.remote, socket_.remote, socket_.family, peer_);
  store_addresses(row.local, socket_.local, socket_.family, local_);
  detail_.local_addresses = local_;
  detail_.peer_addresses = peer_;
  socket_.inet = &detail_;
}

SctpTable::SctpTable(const Request& request, Resolver& names, SocketsTable& table, Output& out)
    : table_(table), out_(out), endpoints_({numeric(request), true, true}, names) {}

/// Writes the next address of the list, with the port unless that is null; blanks if the list is empty.
char* SctpTable::address(char* at, std::string_view& list, const std::uint32_t* port, int width) {
  Family family;
  Endpoint endpoint;
  char* const start = at;
  if (!next_sctp_address(list, family, endpoint.address)) return pad(start, at, width);
  if (port == nullptr) return pad(start, endpoints_.format_host(at, family, endpoint.address), width);
  endpoint.port = *port;
  return endpoints_.format(at, family, Protocol::sctp, endpoint, width);
}

/// Begins a line: with protocol and queues on an entry's first line, with blanks on the others.
char* SctpTable::begin_line(const SctpRow* queues) {
  char* at = out_.reserve(kLineMax);
  if (queues == nullptr) return pad(at, at, kIndent);
  at = put_decimal_right(put(at, "sctp  "), static_cast<std::int64_t>(queues->rx_queue), 6);
  at = put_decimal_right(put(at, " "), static_cast<std::int64_t>(queues->tx_queue), 6);
  return put(at, " ");
}

// An entry without addresses gets a line with a blank one (quirk: sctp-no-address).
void SctpTable::endpoint(const SctpRow& row) {
  std::string_view local = row.local;
  for (bool first = true; first || !local.empty(); first = false) {
    if (!first) out_.append('\n');
    char* at = out_.reserve(kLineMax);
    at = put_left(at, first ? "sctp" : "", kIndent);
    at = address(at, local, &row.local_port, kEndpointWidth);
    at = put(at, " ");
    out_.advance(put_state(at, row.state, first));
    local.remove_prefix(std::min(local.find_first_not_of(' '), local.size()));
  }
  table_.finish_row(out_.reserve(kLineMax), owner_fields(row), {});
}

void SctpTable::association(const SctpRow& row) {
  const auto trim = [](std::string_view& list) { list.remove_prefix(std::min(list.find_first_not_of(' '), list.size())); };
  std::string_view local = row.local, remote = row.remote;
  for (bool first = true; first || !local.empty() || !remote.empty(); first = false) {
    if (!first) out_.append('\n');
    char* at = begin_line(first ? &row : nullptr);
    at = address(at, local, first ? &row.local_port : nullptr, kAddressWidth);
    at = put(at, " ");
    at = address(at, remote, first ? &row.remote_port : nullptr, kAddressWidth);
    at = put(at, " ");
    out_.advance(put_state(at, row.state, first));
    trim(local);
    trim(remote);
  }
  table_.finish_row(out_.reserve(kLineMax), owner_fields(row), {});
}

}  // namespace duostat::netstat
