// Converts bit-fields and bitmaps of sock_diag answers to the layout of a little-endian kernel, where the first
// bit-field has the lowest bits. On big-endian kernels it has the highest bits, and a bitmap is an array of unsigned
// long, so its first 32 bits are not its first four bytes. The byte order is an argument, so that tests decode both.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstdint>

#include "src/base/bytes.h"
#include "src/model/tcp_info.h"

namespace duostat {

/// The eight one-bit fields of a byte.
constexpr std::uint8_t normal_bits(std::uint8_t byte, std::endian order) noexcept {
  if (order == std::endian::little) return byte;
  unsigned result = 0;
  for (unsigned bit = 0; bit < 8; ++bit) result |= (byte >> bit & 1u) << (7 - bit);
  return static_cast<std::uint8_t>(result);
}

/// struct tcp_info: snd_wscale:4, rcv_wscale:4; delivery_rate_app_limited:1, fastopen_client_fail:2; ecn_mode:2,
/// accecn_opt_seen:2, accecn_fail_mode:4, options2:24.
constexpr void normalise_bit_fields(TcpInfo& info, std::endian order) noexcept {
  if (order == std::endian::little) return;
  info.wscale = static_cast<std::uint8_t>(info.wscale >> 4 | info.wscale << 4);
  info.flags = static_cast<std::uint8_t>(info.flags >> 7 | (info.flags >> 5 & 3) << 1);
  const std::uint32_t ecn = info.accecn;
  info.accecn = ecn >> 30 | (ecn >> 28 & 3) << 2 | (ecn >> 24 & 15) << 4 | (ecn & 0xffffff) << 8;
}

/// Groups 1 to 32 of a bitmap of netlink groups. `word` is the size of the kernel's unsigned long. False if it is too
/// short.
inline bool read_groups(Bytes bitmap, std::endian order, std::size_t word, std::uint32_t& groups) noexcept {
  const bool at_end = order == std::endian::big && bitmap.size() >= word;
  return read_at(bitmap, at_end ? word - sizeof groups : 0, groups);
}

}  // namespace duostat
