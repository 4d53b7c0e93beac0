// IPv6 addresses of the interfaces from /proc/net/if_inet6.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/interface.h"
#include "src/query/query.h"

namespace duostat {

inline constexpr std::string_view kIfInet6File = "net/if_inet6";

struct NamedInet6 {
  std::string interface;
  InterfaceInet6 address;
};

/// Reads all addresses, in the kernel's order (that of a hash table).
Coverage read_inet6_addresses(const ProcDir& proc, std::vector<NamedInet6>& addresses);

}  // namespace duostat
