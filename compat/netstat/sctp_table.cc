// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/netstat/sctp_table.h"

#include <algorithm>
#include <cstring>

#include "compat/netstat/cells.h"
#include "compat/netstat/words.h"
#include "src/model/sctp_addresses.h"

namespace duostat::netstat {
namespace {

constexpr int kBothEndsWidth = 2 * kEndpointWidth + 1;  ///< an SCTP endpoint has no remote address
constexpr int kAddressesAt = 20;                        ///< column where the addresses begin
constexpr std::size_t kLineMax = 2048;

char* put_sctp_state(char* at, State state, bool first) {
  if (!first) return pad(at, at, kStateWidth);
  const auto number = static_cast<unsigned>(state);
  if (number <= static_cast<unsigned>(State::closing)) return put_left(at, tcp_state(state), kStateWidth);
  char* const start = at;
  at = format_decimal(put(at, "UNKNOWN("), number);
  return pad(start, put(at, ")"), kStateWidth);
}

/// Any option for numeric output makes hosts numeric.
bool numeric(const Request& r) { return r.numeric_hosts || r.numeric_ports || r.numeric_users || r.symbolic; }

/// Appends the addresses of a list as struct sockaddr_storage, and stores the first in `first`. An IPv6 address sets
/// `socket` to inet6: only a socket of that family has addresses of both.
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
    std::memcpy(&storage[at + (its == Family::inet ? kInetAt : kInet6At)], address.data(),
                its == Family::inet ? 4 : 16);
    list.remove_prefix(std::min(list.find_first_not_of(' '), list.size()));
    address = {};
  }
}

std::vector<Endpoint> addresses_of(Bytes list) {
  std::vector<Endpoint> all;
  each_sctp_address(list, [&](const Endpoint& end) { all.push_back(end); });
  return all;
}

}  // namespace

SctpSocket::SctpSocket(const SctpRow& row) {
  socket_.protocol = Protocol::sctp;
  socket_.uid = row.uid;
  socket_.inode = row.inode;
  socket_.present = {Field::uid, Field::inode};
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

/// Writes address `number` of the list, with the port unless that is null; blanks if the list is shorter.
char* SctpTable::address(char* at, const std::vector<Endpoint>& list, std::size_t number, const std::uint32_t* port,
                         int width) {
  char* const start = at;
  if (number >= list.size()) return pad(start, at, width);
  Endpoint endpoint = list[number];
  if (port == nullptr) return pad(start, endpoints_.format_host(at, endpoint.family, endpoint.address), width);
  endpoint.port = *port;
  return endpoints_.format(at, endpoint.family, Protocol::sctp, endpoint, width);
}

/// Begins a line: with protocol and queues on an entry's first line, with blanks on the others.
char* SctpTable::begin_line(const Socket* first) {
  char* at = out_.reserve(kLineMax);
  if (first == nullptr) return pad(at, at, kAddressesAt);
  at = put_decimal_right(put(at, "sctp  "), first->rqueue, 6);
  at = put_decimal_right(put(at, " "), first->wqueue, 6);
  return put(at, " ");
}

// An entry without addresses gets a line with a blank one (quirk: sctp-no-address).
void SctpTable::endpoint(const Socket& socket) {
  const std::vector<Endpoint> local = addresses_of(socket.inet->local_addresses);
  for (std::size_t i = 0; i == 0 || i < local.size(); ++i) {
    if (i != 0) out_.append('\n');
    char* at = out_.reserve(kLineMax);
    at = put_left(at, i == 0 ? "sctp" : "", kAddressesAt);
    at = address(at, local, i, &socket.local.port, kBothEndsWidth);
    at = put(at, " ");
    out_.advance(put_sctp_state(at, socket.state, i == 0));
  }
  table_.finish_row(out_.reserve(kLineMax), socket, {});
}

void SctpTable::association(const Socket& socket) {
  const std::vector<Endpoint> local = addresses_of(socket.inet->local_addresses);
  const std::vector<Endpoint> remote = addresses_of(socket.inet->peer_addresses);
  for (std::size_t i = 0; i == 0 || i < local.size() || i < remote.size(); ++i) {
    if (i != 0) out_.append('\n');
    char* at = begin_line(i == 0 ? &socket : nullptr);
    at = address(at, local, i, i == 0 ? &socket.local.port : nullptr, kEndpointWidth);
    at = put(at, " ");
    at = address(at, remote, i, i == 0 ? &socket.remote.port : nullptr, kEndpointWidth);
    at = put(at, " ");
    out_.advance(put_sctp_state(at, socket.state, i == 0));
  }
  table_.finish_row(out_.reserve(kLineMax), socket, {});
}

}  // namespace duostat::netstat
