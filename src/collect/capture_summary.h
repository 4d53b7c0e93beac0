// What a capture contains, and what is missing from it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/query/query.h"

namespace duostat {

struct CaptureSummary {
  int error = 0;                      ///< errno of the first write that failed
  std::uint64_t bytes = 0, records = 0;
  std::uint64_t sockets = 0;          ///< in the kernel's answers
  std::uint64_t processes = 0;
  std::uint64_t processes_denied = 0; ///< of whom nothing could be seen
  std::uint64_t files_denied = 0;     ///< below /proc/net, which exist and may not be read
  std::vector<Coverage> problems{};   ///< answers of netlink and files that are not whole, although this host has them
};

}  // namespace duostat
