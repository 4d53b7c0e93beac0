// Records this host, as far as its backends and front ends look at it, into a capture.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <vector>

#include "src/base/output.h"
#include "src/collect/environment.h"
#include "src/query/query.h"

namespace duostat {

struct CaptureRequest {
  bool processes = true;  ///< who holds the sockets
  bool resolve = false;   ///< host names of all addresses, asking DNS; else only of those that /etc/hosts has
};

struct CaptureSummary {
  int error = 0;                      ///< errno of the first write that failed
  std::uint64_t bytes = 0, records = 0;
  std::uint64_t sockets = 0;          ///< in the kernel's answers
  std::uint64_t processes = 0;
  std::uint64_t processes_denied = 0; ///< of whom nothing could be seen
  std::uint64_t files_denied = 0;     ///< below /proc/net, which exist and may not be read
  std::vector<Coverage> problems{};   ///< answers of netlink and files that are not whole, although this host has them
};

/// Writes a whole capture to `sink`. With PROC_ROOT set only that tree is read, and no netlink.
CaptureSummary record_host(Environment& env, const CaptureRequest& request, ByteSink& sink);

}  // namespace duostat
