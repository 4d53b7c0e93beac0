// A multicast group that this host has joined on an interface.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/model/address.h"
#include "src/model/protocol.h"

namespace duostat {

struct MulticastGroup {
  Family family = Family::inet;
  Address group{};
  std::string interface;
  std::optional<std::uint32_t> users;  ///< how many sockets joined; absent from rtnetlink
};

}  // namespace duostat
