// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/stored_socket.h"

#include <cstring>

namespace duostat {
namespace {

/// What InetDetail is needed for; without any of it there is no use in a copy.
constexpr FieldSet kInetDetail{Field::tos,        Field::tclass,    Field::class_id,  Field::sockopt,    Field::meminfo,
                               Field::skmem,      Field::tcp_info,  Field::congestion, Field::vegas_info, Field::dctcp_info,
                               Field::bbr_info,   Field::md5_keys,  Field::ulp,       Field::sctp_info,  Field::mptcp_info,
                               Field::bpf_storage, Field::tcp_procfs};

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
  if (!socket_.present.has_any(kInetDetail)) {
    socket_.inet = nullptr;
    return;
  }
  copy(socket_.inet, inet_);
  InetDetail& d = *inet_;
  const FieldSet there = socket_.present;
  d.congestion = there.has(Field::congestion) ? keep(d.congestion) : std::string_view{};
  d.sctp_info = there.has(Field::sctp_info) ? keep(d.sctp_info) : Bytes{};
  d.local_addresses = keep(d.local_addresses);
  d.peer_addresses = keep(d.peer_addresses);
  d.md5_keys = there.has(Field::md5_keys) ? keep(d.md5_keys) : Bytes{};
  d.ulp = there.has(Field::ulp) ? keep(d.ulp) : Bytes{};
  d.bpf_storages = there.has(Field::bpf_storage) ? keep(d.bpf_storages) : Bytes{};
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
