// Walks the records of a page of tracefs' per_cpu/cpuN/trace_pipe_raw (kernel: kernel/trace/ring_buffer.c,
// include/linux/ring_buffer.h; events/header_page and header_event describe the layout).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "src/base/bytes.h"
#include "src/base/function_ref.h"

namespace duostat {

/// How the kernel that wrote a page counts.
struct TracePageLayout {
  std::size_t long_size = sizeof(long);
  std::endian order = std::endian::native;
};

/// Passes the bytes of each record, with its time on the clock of the buffer. False if the page is malformed; the
/// records before that place were passed.
bool read_trace_page(Bytes page, FunctionRef<void(std::int64_t time_ns, Bytes record)> take,
                     TracePageLayout layout = {});

}  // namespace duostat
