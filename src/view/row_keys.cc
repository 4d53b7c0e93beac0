// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/row_keys.h"

#include <span>

namespace duostat {
namespace {

/// Mixes 64 bits (the finalizer of MurmurHash3).
constexpr std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ value >> 33) * 0xff51afd7ed558ccd;
  value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53;
  return value ^ value >> 33;
}
constexpr RowKey with(RowKey key, std::uint64_t value) {
  return {mixed(key.high ^ value), mixed(key.low + value * 0x9e3779b97f4a7c15)};
}

RowKey with_bytes(RowKey key, const void* data, std::size_t size) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (const unsigned char byte : std::span(bytes, size)) key = with(key, byte + 1u);
  return key;
}

RowKey with_endpoint(RowKey key, const Endpoint& end) {
  key = with_bytes(with(key, static_cast<std::uint64_t>(end.family)), &end.address, sizeof end.address);
  return with(with(key, end.port), end.node);
}

}  // namespace

RowKey RowKey::of(const Socket& s) {
  RowKey key = with({1, 2}, static_cast<std::uint64_t>(s.protocol));
  if (s.has(Field::cookie) && s.cookie != 0) return with(key, s.cookie);
  if (s.has(Field::inode)) key = with(key, s.inode);
  return with_endpoint(with_endpoint(key, s.local), s.remote);
}

RowKey RowKey::of(std::string_view text) { return with_bytes({3, 4}, text.data(), text.size()); }

RowKey RowKey::repeated(std::uint32_t number) const { return with({high + 5, low + 6}, number); }

}  // namespace duostat
