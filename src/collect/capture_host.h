// Records into a capture what the backends and front ends read of this host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/output.h"
#include "src/collect/capture_summary.h"
#include "src/collect/environment.h"

namespace duostat {

struct CaptureRequest {
  bool processes = true;  ///< include the owning processes
  bool resolve = false;   ///< resolve all addresses, by DNS; else only those in /etc/hosts
};

/// Writes a whole capture to `sink`. With PROC_ROOT set, reads only that tree, and not netlink.
CaptureSummary record_host(Environment& env, const CaptureRequest& request, ByteSink& sink);

}  // namespace duostat
