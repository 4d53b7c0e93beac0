// Addresses from text, and the networks they are in.
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

/// inet_pton(3) of either family.
std::optional<IpAddress> ip_address(std::string_view text);
/// A v4-mapped address as the IPv4 address that it stands for; others as they are.
IpAddress plain(IpAddress address);
/// All bits behind the first `bits` cleared.
IpAddress network(IpAddress address, int bits);
/// 32 or 128.
constexpr int address_bits(Family family) { return family == Family::inet ? 32 : 128; }

/// True if the address in `text` is in the network, v4-mapped ones taken for what they stand for.
bool in_prefix(std::string_view text, Family family, const Address& network_address, int bits);

}  // namespace duostat
