// Reads values from binary messages of untrusted length.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

namespace duostat {

using Bytes = std::span<const std::byte>;

/// A kernel structure that grows between releases (tcp_info, mptcp_info, …). The received bytes are copied into a
/// zeroed value and the received length is kept, so that "the kernel sent 0" and "the kernel sent nothing" differ.
template <class T>
struct Grown {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  std::uint32_t length = 0;  ///< bytes received; more than sizeof(T) on a kernel newer than this program

  /// Copies `bytes`. A longer structure than ours is truncated; a shorter one leaves zeros at the end.
  void assign(Bytes bytes) noexcept {
    value = T{};
    length = static_cast<std::uint32_t>(bytes.size());
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));  // data() may be null
  }
  /// True if the received bytes cover the whole of `member`.
  template <class Member>
  bool has(Member T::* member) const noexcept {
    const auto* base = reinterpret_cast<const char*>(&value);
    const auto* at = reinterpret_cast<const char*>(&(value.*member));
    return static_cast<std::size_t>(at - base) + sizeof(Member) <= length;
  }
};

/// Copies a T out of `bytes` at `offset`. False, with `value` unchanged, if the bytes end too early.
template <class T>
bool read_at(Bytes bytes, std::size_t offset, T& value) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return true;
}

}  // namespace duostat
