// Records this host, as far as its backends and front ends look at it, into a capture.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/collect/capture_summary.h"
#include "src/collect/environment.h"

namespace duostat {

struct CaptureRequest {
  bool processes = true;  ///< who holds the sockets
  bool resolve = false;   ///< host names of all addresses, asking DNS; else only of those that /etc/hosts has
};

/// Writes a whole capture to `sink`. With PROC_ROOT set only that tree is read, and no netlink.
CaptureSummary record_host(Environment& env, const CaptureRequest& request, ByteSink& sink);

}  // namespace duostat
