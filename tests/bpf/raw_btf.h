// BTF for tests, from labelled bytes.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "tests/bpf/wire.h"

namespace duostat::wire {

inline std::vector<std::byte> raw_btf(const Wire& types, std::string_view strings) {
  const Wire all = Wire()
                       .u16("magic", 0xeb9f)
                       .u8("version", 1)
                       .u8("flags", 0)
                       .u32("hdr_len", 24)
                       .u32("type_off", 0)
                       .u32("type_len", static_cast<std::uint32_t>(types.size()))
                       .u32("str_off", static_cast<std::uint32_t>(types.size()))
                       .u32("str_len", static_cast<std::uint32_t>(strings.size()))
                       .append(types)
                       .text("strings", strings);
  return {all.bytes().begin(), all.bytes().end()};
}

}  // namespace duostat::wire
