// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/seen_rows.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace duostat {
namespace {

/// Folds 64 bits into a hash (the finaliser of a multiply-xorshift generator).
constexpr std::uint64_t mix(std::uint64_t hash, std::uint64_t value) noexcept {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
  return hash ^ hash >> 29;
}

std::uint64_t mix(std::uint64_t hash, const Endpoint& end) noexcept {
  std::uint64_t halves[2];
  std::memcpy(halves, end.address.data(), sizeof halves);
  return mix(mix(mix(hash, halves[0]), halves[1]), end.port);
}

/// Hashes what both a text file and netlink provide: for inet sockets the endpoints too, for others the inode.
std::uint64_t identity_of(const Socket& socket) noexcept {
  std::uint64_t hash = mix(static_cast<std::uint64_t>(socket.family), socket.inode);
  if (socket.family != Family::inet && socket.family != Family::inet6) return hash;
  hash = mix(hash, static_cast<std::uint64_t>(socket.protocol));
  return mix(mix(hash, socket.local), socket.remote);
}

}  // namespace

void SeenRows::add(const Socket& socket) noexcept {
  if (used_ == kBlock) {
    try {
      blocks_.push_back(std::make_unique_for_overwrite<Row[]>(kBlock));
      used_ = 0;
    } catch (const std::bad_alloc&) {
      return;
    }
  }
  blocks_.back()[used_++] = {socket.cookie, identity_of(socket)};
}

void SeenRows::index(By by) {
  by_ = by;
  keys_.clear();
  keys_.reserve(blocks_.size() * kBlock);
  for (const auto& block : blocks_) {
    const std::size_t rows = &block == &blocks_.back() ? used_ : kBlock;
    for (std::size_t i = 0; i < rows; ++i) keys_.push_back(by == By::cookie ? block[i].cookie : block[i].identity);
  }
  std::ranges::sort(keys_);
  taken_.assign(keys_.size(), false);
}

bool SeenRows::take(const Socket& socket) noexcept {
  const std::uint64_t key = by_ == By::cookie ? socket.cookie : identity_of(socket);
  if (by_ == By::cookie && key == 0) return false;  // from a kernel without cookies
  auto found = std::ranges::lower_bound(keys_, key);
  for (; found != keys_.end() && *found == key; ++found) {
    const auto at = static_cast<std::size_t>(found - keys_.begin());
    if (!taken_[at]) return taken_[at] = true;
  }
  return false;
}

}  // namespace duostat
