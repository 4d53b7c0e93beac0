// A copy of everything that the kernel answers: what `ss -D FILE` writes and src/diag/replay.h reads.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/diag/transport.h"

namespace duostat {

/// Transports that `open` opens, each received datagram of which is also written to `sink`, padded to four bytes. `error`
/// gets the errno of the first write that failed. `sink` and `error` must outlive the transports.
OpenTransport capture_to(ByteSink& sink, int& error, OpenTransport open);

}  // namespace duostat
