// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/stored_socket.h"

#include <cstring>

namespace duostat {
namespace {

/// Bytes that InetDetail points to. Those of a field that is absent are left over from another socket, except that every SCTP socket
/// has its address lists set, if only to nothing (decode_inet()).
struct InetBytes {
  Field field;
  Bytes InetDetail::*bytes;
  bool always_of_sctp = false;
};
constexpr InetBytes kInetBytes[] = {{Field::sctp_info, &InetDetail::sctp_info},
                                    {Field::sctp_info, &InetDetail::local_addresses, true},
                                    {Field::sctp_info, &InetDetail::peer_addresses, true},
                                    {Field::md5_keys, &InetDetail::md5_keys},
                                    {Field::ulp, &InetDetail::ulp},
                                    {Field::bpf_storage, &InetDetail::bpf_storages}};

template <class Detail>
void copy(const Detail*& pointer, std::unique_ptr<Detail>& kept) {
  if (pointer == nullptr) return;
  kept = std::make_unique<Detail>(*pointer);
  pointer = kept.get();
}

}  // namespace

StoredSocket::StoredSocket(const Socket& socket) : socket_(socket) {
  if (socket_.inet != nullptr) keep_inet();
  if (socket_.unix_domain != nullptr) keep_unix();
  if (socket_.packet != nullptr) keep_packet();
  copy(socket_.netlink, netlink_);
  copy(socket_.tipc, tipc_);
  copy(socket_.xdp, xdp_);
}

Bytes StoredSocket::keep(Bytes bytes) {
  if (bytes.empty()) return {};
  bytes_.push_back(std::make_unique<char[]>(bytes.size()));
  std::memcpy(bytes_.back().get(), bytes.data(), bytes.size());
  return std::as_bytes(std::span(bytes_.back().get(), bytes.size()));
}

std::string_view StoredSocket::keep(std::string_view text) {
  const Bytes bytes = keep(std::as_bytes(std::span(text.data(), text.size())));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void StoredSocket::keep_inet() {
  copy(socket_.inet, inet_);
  InetDetail& d = *inet_;
  const FieldSet there = socket_.present;
  for (const InetBytes& row : kInetBytes) {
    const bool is_set = there.has(row.field) || (row.always_of_sctp && socket_.protocol == Protocol::sctp);
    d.*row.bytes = is_set ? keep(d.*row.bytes) : Bytes{};
  }
  d.congestion = there.has(Field::congestion) ? keep(d.congestion) : std::string_view{};
  d.tcp_procfs.extra = there.has(Field::tcp_procfs) ? keep(d.tcp_procfs.extra) : std::string_view{};
}

void StoredSocket::keep_unix() {
  copy(socket_.unix_domain, unix_);
  unix_->name = keep(unix_->name);
  pending_.assign(unix_->pending.begin(), unix_->pending.end());
  unix_->pending = pending_;
}

void StoredSocket::keep_packet() {
  copy(socket_.packet, packet_);
  packet_->filter = keep(packet_->filter);
  if (packet_->rx_ring == nullptr && packet_->tx_ring == nullptr) return;
  rings_ = std::make_unique<Rings>();
  if (packet_->rx_ring != nullptr) rings_->rx = *packet_->rx_ring, packet_->rx_ring = &rings_->rx;
  if (packet_->tx_ring != nullptr) rings_->tx = *packet_->tx_ring, packet_->tx_ring = &rings_->tx;
}

}  // namespace duostat
