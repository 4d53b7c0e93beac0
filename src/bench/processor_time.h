// Processor time as the kernel accounts it to processes (getrusage, wait4).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <sys/resource.h>
#include <sys/time.h>

namespace duostat::bench {

inline double nanoseconds(const timeval& time) {
  return 1e9 * static_cast<double>(time.tv_sec) + 1e3 * static_cast<double>(time.tv_usec);
}

/// User and system time together, in nanoseconds.
inline double cpu_of(const rusage& usage) { return nanoseconds(usage.ru_utime) + nanoseconds(usage.ru_stime); }

}  // namespace duostat::bench
