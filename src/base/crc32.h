// CRC-32 as in ISO 3309, Ethernet and gzip: polynomial 0x04c11db7, reflected, initial and final value all ones.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstdint>

#include "src/base/bytes.h"

namespace duostat {

/// Table k has the checksum of each byte followed by k zero bytes, so that eight bytes are processed at once.
inline constexpr auto kCrc32Tables = [] {
  std::array<std::array<std::uint32_t, 256>, 8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320u : 0);
    tables[0][byte] = value;
  }
  for (std::size_t k = 1; k < tables.size(); ++k)
    for (std::size_t byte = 0; byte < 256; ++byte)
      tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xff];
  return tables;
}();

/// Returns the checksum of `bytes`, or, if `before` is a previous result, of the concatenation. "123456789" gives
/// 0xcbf43926.
inline std::uint32_t crc32(Bytes bytes, std::uint32_t before = 0) noexcept {
  const auto& t = kCrc32Tables;
  const auto at = [&](std::size_t i) { return std::to_integer<std::uint32_t>(bytes[i]); };
  std::uint32_t crc = ~before;
  for (; bytes.size() >= 8; bytes = bytes.subspan(8)) {
    const std::uint32_t low = crc ^ (at(0) | at(1) << 8 | at(2) << 16 | at(3) << 24);
    crc = t[7][low & 0xff] ^ t[6][low >> 8 & 0xff] ^ t[5][low >> 16 & 0xff] ^ t[4][low >> 24] ^ t[3][at(4)] ^
          t[2][at(5)] ^ t[1][at(6)] ^ t[0][at(7)];
  }
  for (const std::byte byte : bytes) crc = (crc >> 8) ^ t[0][(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xff];
  return ~crc;
}

}  // namespace duostat
