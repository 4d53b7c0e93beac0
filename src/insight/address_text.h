// Parses addresses and compares them with networks.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string_view>

#include "src/model/address.h"
#include "src/model/protocol.h"

namespace duostat {

struct IpAddress {
  Family family{};
  Address address{};
};

/// inet_pton(3) for either family.
std::optional<IpAddress> ip_address(std::string_view text);
/// Converts a v4-mapped address to IPv4; returns others unchanged.
IpAddress plain(IpAddress address);
/// Clears all bits after the first `bits`.
IpAddress network(IpAddress address, int bits);
/// 32 or 128.
constexpr int address_bits(Family family) { return family == Family::inet ? 32 : 128; }

/// True if the address in `text` is in the network. v4-mapped addresses count as IPv4.
bool in_prefix(std::string_view text, Family family, const Address& network_address, int bits);

}  // namespace duostat
