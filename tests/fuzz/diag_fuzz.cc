// Arbitrary bytes as the kernel's reply, for every table: no read beyond them, no endless loop, and everything passed
// to the sink can be read.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstdint>
#include <cstring>
#include <memory>

#include "src/diag/diag_backend.h"

using namespace duostat;

namespace {

/// Returns the input, split into datagrams by length bytes, followed by a DONE.
class Replies final : public Transport {
 public:
  explicit Replies(Bytes rest) : rest_(rest) {}
  int send(Bytes) noexcept override { return 0; }
  Received receive(std::span<std::byte> buffer) noexcept override {
    if (rest_.size() < 2) return {.error = 105};
    const std::size_t wanted = std::to_integer<std::size_t>(rest_[0]) * 16 + 1;
    const bool truncated = (std::to_integer<unsigned>(rest_[1]) & 0x80) != 0;
    rest_ = rest_.subspan(2);
    const Bytes part = rest_.first(std::min(wanted, rest_.size()));
    rest_ = rest_.subspan(part.size());
    if (!part.empty()) std::memcpy(buffer.data(), part.data(), part.size());
    return {.truncated = truncated, .size = part.size()};
  }
  std::uint32_t port_id() const noexcept override { return 0; }

 private:
  Bytes rest_;
};

std::uint64_t sum(Bytes bytes) {
  std::uint64_t total = 0;
  for (const std::byte b : bytes) total += std::to_integer<unsigned>(b);
  return total;
}
std::uint64_t sum(std::string_view text) { return sum(std::as_bytes(std::span(text))); }

std::uint64_t touch(const Socket& s) {
  std::uint64_t total = s.inode + s.local.port;
  if (const InetDetail* d = s.inet) {
    if (s.has(Field::congestion)) total += sum(d->congestion);
    if (s.has(Field::sctp_info)) total += sum(d->sctp_info) + sum(d->local_addresses) + sum(d->peer_addresses);
    if (s.has(Field::md5_keys)) total += sum(d->md5_keys);
    if (s.has(Field::ulp)) total += sum(d->ulp);
    if (s.has(Field::bpf_storage)) total += sum(d->bpf_storages);
    if (s.has(Field::tcp_info)) total += d->tcp_info.value.rtt;
  }
  if (const UnixDetail* d = s.unix_domain) {
    total += sum(d->name);
    for (const std::uint32_t inode : d->pending) total += inode;
  }
  if (const PacketDetail* d = s.packet) {
    total += sum(d->filter);
    if (d->rx_ring != nullptr) total += d->rx_ring->block_nr;
  }
  return total;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const Bytes input = std::as_bytes(std::span(data, size));
  Query query;
  query.protocols.add(static_cast<Protocol>(data[0] % static_cast<unsigned>(Protocol::count_)));
  for (unsigned i = 0; i < static_cast<unsigned>(Field::count_); ++i)
    if ((data[1] >> (i % 8) & 1) != 0) query.wanted.add(static_cast<Field>(i));
  DiagBackend backend([&](int, OpenError& error) { return error = 0, std::make_unique<Replies>(input.subspan(2)); });
  volatile std::uint64_t total = 0;
  backend.collect(query, [&](std::span<const Socket> batch) {
    for (const Socket& socket : batch) total = total + touch(socket);
    return true;
  });
  return 0;
}
