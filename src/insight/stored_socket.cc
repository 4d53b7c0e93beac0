// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/stored_socket.h"

#include <cstring>

namespace duostat {
namespace {

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
  each_view(*inet_, [this](Field field, auto& view) {
    const bool is_set = socket_.has(field) || (field == Field::sctp_info && socket_.protocol == Protocol::sctp);
    if (is_set) view = keep(view);
    else view = {};
  });
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
