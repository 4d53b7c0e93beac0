// A byte string for tests, written as labelled values.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"

namespace duostat::wire {

/// A byte string under construction. The labels are for the reader: they name the kernel's members.
class Wire {
 public:
  Wire& u8(std::string_view, std::uint8_t v) { return put(v); }
  Wire& u16(std::string_view, std::uint16_t v) { return put(v); }
  Wire& be16(std::string_view, std::uint16_t v) {
    return put(static_cast<std::uint8_t>(v >> 8)).put(static_cast<std::uint8_t>(v));
  }
  Wire& u32(std::string_view, std::uint32_t v) { return put(v); }
  Wire& u64(std::string_view, std::uint64_t v) { return put(v); }
  Wire& zeros(std::string_view, std::size_t count) { return bytes_.resize(bytes_.size() + count), *this; }
  Wire& text(std::string_view, std::string_view v) { return append(std::as_bytes(std::span(v))); }
  Wire& words(std::string_view, std::initializer_list<std::uint32_t> values) {
    for (const std::uint32_t v : values) put(v);
    return *this;
  }
  Wire& append(Bytes v) { return bytes_.insert(bytes_.end(), v.begin(), v.end()), *this; }
  Wire& append(const Wire& v) { return append(v.bytes()); }
  Wire& attribute(std::uint16_t type, const Wire& value) {
    u16("nla_len", static_cast<std::uint16_t>(4 + value.size())).u16("nla_type", type).append(value);
    return zeros("padding", -value.size() & 3);
  }
  std::size_t size() const { return bytes_.size(); }
  Bytes bytes() const { return bytes_; }

 private:
  template <class T>
  Wire& put(T v) { return append(std::as_bytes(std::span(&v, 1))); }
  std::vector<std::byte> bytes_;
};

}  // namespace duostat::wire
