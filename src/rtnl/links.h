// Reads interfaces, their addresses and their multicast groups through rtnetlink.
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

/// Interface names by index.
using LinkNames = std::map<std::uint32_t, std::string>;
Coverage read_link_names(const OpenTransport& open, LinkNames& names);

/// Returns the interface that has `name` as an alternative name (ip-link(8), "property"); 0 if there is none. The
/// ioctls of netdevice(7) accept no name of more than 15 bytes.
std::uint32_t link_by_alternative_name(const OpenTransport& open, std::string_view name);

/// Reads all interfaces with counters and addresses. After them come, as entries without counters, the labels
/// ("eth0:7") of IPv4 addresses that are not names of interfaces. IPv6 addresses are in the order of each interface's
/// list, which differs from that of /proc/net/if_inet6.
Coverage read_interfaces(const OpenTransport& open, std::vector<Interface>& interfaces);

/// Reads the groups of one family. rtnetlink does not provide the number of users of a group. Linux before 6.15 has no
/// IPv4 groups here: EOPNOTSUPP, or a reply of another type.
Coverage read_multicast_groups(const OpenTransport& open, Family family, std::vector<MulticastGroup>& groups);

}  // namespace duostat::rtnl
