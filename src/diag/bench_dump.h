// A dump read without being understood: what a benchmark sets beside a real answer to tell the kernel's cost from ours.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>

#include "src/diag/transport.h"

namespace duostat {

/// What came back.
struct BenchDump {
  std::uint64_t messages = 0, attributes = 0;
  int error = 0;  ///< errno that the kernel answered, or of the system call that failed; ENODATA if the answer has no end
};

/// Sends `request`, one that a backend has sent before, and receives into `buffer` until the answer's end. Of each message
/// only the header is read, to find that end; with `walk_attributes` every attribute is visited, too.
BenchDump read_bench_dump(Transport& transport, Bytes request, std::span<std::byte> buffer, bool walk_attributes) noexcept;

}  // namespace duostat
