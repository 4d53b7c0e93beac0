// The number of usable processors.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sched.h>

namespace duostat {

/// Processors that this process may use (sched_getaffinity(2)), at least 1. If the machine has more than fit in a
/// cpu_set_t, report 2; no caller needs to know more.
inline int processors() noexcept {
  cpu_set_t allowed;
  return ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 2;
}

}  // namespace duostat
