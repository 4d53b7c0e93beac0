// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/totals.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "src/render/address.h"

namespace duostat {
namespace {

std::uint64_t value_of(const Total& total, TotalOrder order) {
  switch (order) {
    case TotalOrder::sockets: break;
    case TotalOrder::bytes: return total.sent + total.received;
    case TotalOrder::retransmitted: return total.retransmitted;
  }
  return total.sockets;
}

/// Keeps the `top` largest rows, equal ones by name.
std::vector<Totals::Row> largest(std::vector<Totals::Row> rows, TotalOrder order, std::size_t top) {
  std::ranges::sort(rows, [order](const Totals::Row& a, const Totals::Row& b) {
    const std::uint64_t first = value_of(a.total, order), second = value_of(b.total, order);
    return first != second ? first > second : a.name < b.name;
  });
  if (rows.size() > top) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(top), rows.end());
  return rows;
}

}  // namespace

void Total::add(const Socket& socket) {
  ++sockets;
  if (socket.inet == nullptr || !socket.has(Field::tcp_info)) return;
  const Grown<TcpInfo>& info = socket.inet->tcp_info;
  if (!info.has(&TcpInfo::bytes_received) || !info.has(&TcpInfo::bytes_retrans)) return;
  ++measured;
  sent += info.value.bytes_sent;
  received += info.value.bytes_received;
  retransmitted += info.value.bytes_retrans;
}

std::size_t Totals::AddressHash::operator()(const AddressKey& key) const {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(key.address.data()), key.address.size()});
}

void Totals::add(const Socket& socket, const Holders& holders) {
  AddressKey peer{socket.remote.address, socket.remote.family};
  if (peer.family == Family::inet6 && is_v4_mapped(peer.address)) peer = {unmapped(peer.address), Family::inet};
  all_.add(socket);
  peers_[peer].add(socket);
  ports_[socket.local.port].add(socket);
  if (!socket.has(Field::inode) || socket.inode == 0) return;
  const Owner owner = holders.first(socket.inode);
  if (owner.pid == 0) {
    ++hidden_;
    return;
  }
  name_.assign(owner.comm);
  Process& process = processes_[name_];
  if (process.pid == 0 || owner.pid < process.pid) process.pid = owner.pid;
  process.total.add(socket);
}

std::vector<Totals::Row> Totals::peers(TotalOrder order, std::size_t top) const {
  std::vector<Row> rows;
  for (const auto& [peer, total] : peers_) {
    char text[kAddressTextMax];
    rows.push_back({std::string(text, format_address(text, peer.family, peer.address)), 0, total});
  }
  return largest(std::move(rows), order, top);
}

std::vector<Totals::Row> Totals::processes(TotalOrder order, std::size_t top) const {
  std::vector<Row> rows;
  for (const auto& [name, process] : processes_) rows.push_back({name, process.pid, process.total});
  return largest(std::move(rows), order, top);
}

std::vector<Totals::Row> Totals::ports(TotalOrder order, std::size_t top) const {
  std::vector<Row> rows;
  for (const auto& [port, total] : ports_)
    if (listening_.contains(port)) rows.push_back({std::to_string(port), 0, total});
  return largest(std::move(rows), order, top);
}

}  // namespace duostat
