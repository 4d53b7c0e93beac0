// Formats addresses and numbers into a buffer.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/model/address.h"
#include "src/model/protocol.h"

namespace duostat {

/// Longest text that format_address writes ("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255").
inline constexpr int kAddressTextMax = 48;  // and room for the table-driven writer to overshoot

/// Dotted quad of the first four bytes. Returns the end of the text.
char* format_ipv4(char* at, const std::uint8_t* bytes) noexcept;
/// Same text as glibc's inet_ntop(3): lower case; the longest run of two or more zero groups (the first, if several are
/// equally long) as "::"; a dotted quad at the end for ::a.b.c.d (a run of exactly six groups) and ::ffff:a.b.c.d.
char* format_ipv6(char* at, const std::uint8_t* bytes) noexcept;
/// By family: inet as IPv4, anything else as IPv6.
inline char* format_address(char* at, Family family, const Address& address) noexcept {
  return family == Family::inet ? format_ipv4(at, address.data()) : format_ipv6(at, address.data());
}

/// Unsigned decimal, at most 20 characters. Returns the end of the text.
char* format_decimal(char* at, std::uint64_t value) noexcept;
/// Signed decimal, at most 20 characters.
char* format_signed(char* at, std::int64_t value) noexcept;

}  // namespace duostat
