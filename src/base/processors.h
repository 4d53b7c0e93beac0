// How many processors may run us.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sched.h>

namespace duostat {

/// Processors that this process may use (sched_getaffinity(2)), at least 1. A machine with more of them than a cpu_set_t
/// holds is told to have two: nobody asks for more than that.
inline int processors() noexcept {
  cpu_set_t allowed;
  return ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 2;
}

}  // namespace duostat
