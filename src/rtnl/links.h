// Interfaces, their addresses and their multicast groups by rtnetlink.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/diag/transport.h"
#include "src/model/interface.h"
#include "src/model/multicast_group.h"
#include "src/query/query.h"

namespace duostat::rtnl {

/// Names by interface index.
using LinkNames = std::map<std::uint32_t, std::string>;
Coverage read_link_names(const OpenTransport& open, LinkNames& names);

/// The interface that has `name` as an alternative name (ip-link(8), "property"); 0 if there is none. The calls of netdevice(7)
/// take no name of more than 15 bytes.
std::uint32_t link_by_alternative_name(const OpenTransport& open, std::string_view name);

/// Reads all interfaces with counters and addresses; behind them, as entries without counters, the labels ("eth0:7") of IPv4
/// addresses that are no interface's name. IPv6 addresses are in the order of each interface's list, which is not that of
/// /proc/net/if_inet6.
Coverage read_interfaces(const OpenTransport& open, std::vector<Interface>& interfaces);

/// Reads the groups of one family. How many users a group has, rtnetlink does not tell. Linux before 6.15 does not tell
/// IPv4's groups: EOPNOTSUPP, or an answer of another kind.
Coverage read_multicast_groups(const OpenTransport& open, Family family, std::vector<MulticastGroup>& groups);

}  // namespace duostat::rtnl
