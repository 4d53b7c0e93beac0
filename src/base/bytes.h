// Reading binary messages whose length nobody promises.
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

/// A kernel structure that grows from release to release (tcp_info, mptcp_info, …): what was received is copied into a
/// zeroed value and the received length is remembered, so that "the kernel said 0" and "the kernel did not say" differ.
template <class T>
struct Grown {
  static_assert(std::is_trivially_copyable_v<T>);
  T value{};
  std::uint32_t length = 0;  ///< bytes received, may exceed sizeof(T) on a kernel newer than this program

  /// Takes what is there of `bytes`. A longer structure than ours is cut, a shorter one leaves zeros.
  void assign(Bytes bytes) noexcept {
    value = T{};
    length = static_cast<std::uint32_t>(bytes.size());
    if (!bytes.empty()) std::memcpy(&value, bytes.data(), std::min(bytes.size(), sizeof value));  // no data, no pointer
  }
  /// True if the received bytes cover the whole of `member`.
  template <class Member>
  bool has(Member T::* member) const noexcept {
    const auto* base = reinterpret_cast<const char*>(&value);
    const auto* at = reinterpret_cast<const char*>(&(value.*member));
    return static_cast<std::size_t>(at - base) + sizeof(Member) <= length;
  }
};

/// Copies a T out of `bytes` at `offset`; false (and `value` untouched) if it is not all there.
template <class T>
bool read_at(Bytes bytes, std::size_t offset, T& value) noexcept {
  static_assert(std::is_trivially_copyable_v<T>);
  if (offset > bytes.size() || bytes.size() - offset < sizeof value) return false;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return true;
}

}  // namespace duostat
