// Reads a dump without decoding it, so that a benchmark can separate the kernel's cost from ours.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>

#include "src/diag/transport.h"

namespace duostat {

/// Counts of one received answer.
struct BenchDump {
  std::uint64_t messages = 0, attributes = 0;
  int error = 0;  ///< errno of the kernel or of the failed system call; ENODATA if the answer has no end
};

/// Sends `request`, which a backend has sent before, and receives into `buffer` until the end of the answer. Reads only
/// the header of each message, to find that end; with `walk_attributes` it also visits every attribute.
BenchDump read_bench_dump(Transport& transport, Bytes request, std::span<std::byte> buffer,
                          bool walk_attributes) noexcept;

}  // namespace duostat
