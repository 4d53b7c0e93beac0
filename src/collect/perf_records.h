// Walks the records of a ring of perf_event_open(2).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/base/bytes.h"
#include "src/base/function_ref.h"
#include "src/collect/trace_format.h"

namespace duostat {

/// The ring's data: a power of two of bytes, in which positions count on for ever.
struct PerfRing {
  Bytes data;
  std::uint64_t head = 0;  ///< behind the newest record
  std::uint64_t tail = 0;  ///< the oldest record
};

struct PerfCounts {
  std::uint64_t records = 0;
  std::uint64_t lost = 0;       ///< by PERF_RECORD_LOST
  std::uint64_t malformed = 0;  ///< records that cannot be
};

/// Passes every sample between tail and head, and returns the new tail. Samples have PERF_SAMPLE_TID, TIME and RAW.
std::uint64_t read_perf_records(const PerfRing& ring, const TraceFormat& format, PerfCounts& counts,
                                FunctionRef<void(StateRecord&&)> take);

}  // namespace duostat
