// A connection whose source address the kernel rewrites.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/model/address.h"

namespace duostat {

struct MasqueradedConnection {
  std::string protocol;  ///< "tcp": the kernel's name in lower case
  Address source{}, destination{};  ///< IPv4, before rewriting
  std::uint16_t source_port = 0, destination_port = 0;
  std::uint16_t masqueraded_port = 0;  ///< the source port that the destination sees
  std::optional<std::uint64_t> expires;  ///< hundredths of a second until it expires; absent: in hardware ([OFFLOAD])
  bool sequence_known = false;         ///< Linux up to 2.2 only: the following members
  bool previous_delta_known = false;
  std::uint32_t initial_sequence = 0;
  std::int16_t delta = 0, previous_delta = 0;
};

}  // namespace duostat
