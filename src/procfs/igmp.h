// Multicast group memberships.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/query/query.h"

namespace duostat {

/// A group that an interface has joined. The name lives as long as the line it was read from.
struct GroupMembership {
  std::string_view device;
  std::uint32_t users = 0;
  Address group{};
};

/// net/igmp or net/igmp6. `bad` is given the number, from 0, of each line that could not be read.
Coverage read_groups(const ProcDir& proc, Family family, FunctionRef<void(const GroupMembership&)> sink,
                     FunctionRef<void(unsigned long)> bad);

}  // namespace duostat
