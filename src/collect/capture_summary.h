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
  std::uint64_t processes_denied = 0; ///< whose sockets could not be read
  std::uint64_t files_denied = 0;     ///< below /proc/net, unreadable for this user
  std::vector<Coverage> problems{};   ///< incomplete answers of netlink, and files that failed to be read
};

}  // namespace duostat
