// Filter programs in hexadecimal digits, for tests. Their numbers are those of a little-endian machine.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/hex.h"

namespace duostat {

inline std::string hex(Bytes bytes) {
  std::string text;
  append_hex(text, bytes);
  return text;
}

inline std::vector<std::byte> unhex(std::string_view text) {
  std::vector<std::byte> bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    bytes.push_back(static_cast<std::byte>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16)));
  return bytes;
}

/// Reverses the `size` bytes at `at`, if the program is that long.
inline void reverse_bytes(std::span<std::byte> program, std::size_t at, std::size_t size) {
  if (at + size > program.size()) return;
  for (std::size_t i = 0; i < size / 2; ++i) std::swap(program[at + i], program[at + size - 1 - i]);
}

/// The inet_diag bytecode of a little-endian machine as that of this one, or the other way round. An instruction is
/// {u8 code, u8 yes, u16 no} and its operands; addresses have the same bytes everywhere.
inline std::vector<std::byte> native_program(std::vector<std::byte> program) {
  if (std::endian::native == std::endian::little) return program;
  for (std::size_t at = 0; at + 4 <= program.size();) {
    reverse_bytes(program, at + 2, 2);
    std::size_t size = 4;
    switch (std::to_integer<int>(program[at])) {
      case 2: case 3: case 4: case 5: case 11: case 12:  // a second instruction whose `no` is a port
        reverse_bytes(program, at + 6, 2);
        size = 8;
        break;
      case 7: case 8:  // {u8 family, u8 bits, s32 port} and an address
        reverse_bytes(program, at + 8, 4);
        size = 12;
        if (at + 4 < program.size())
          size += program[at + 4] == std::byte{2} ? 4 : program[at + 4] == std::byte{10} ? 16 : 0;
        break;
      case 9:  // u32 ifindex
        reverse_bytes(program, at + 4, 4);
        size = 8;
        break;
      case 10:  // u32 mark, u32 mask
        reverse_bytes(program, at + 4, 4);
        reverse_bytes(program, at + 8, 4);
        size = 12;
        break;
      case 13:  // u64 cgroup
        reverse_bytes(program, at + 4, 8);
        size = 12;
        break;
      default: break;
    }
    at += size;
  }
  return program;
}

inline std::vector<std::byte> program_of(std::string_view little_endian_hex) {
  return native_program(unhex(little_endian_hex));
}

}  // namespace duostat
