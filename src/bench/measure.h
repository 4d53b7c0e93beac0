// One answer in a process made for it: timed, counted, or repeated.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "src/base/clock.h"
#include "src/base/interrupt.h"
#include "src/bench/work.h"

namespace duostat::bench {

struct Taken {
  Sample sample;  ///< but for its round
  std::string problem;
};
/// Does the work once, in a process of its own, as a user's command would: nothing is warm but the kernel and the file system.
/// None if a signal came first. Throws SystemError if there is no process to be had.
std::optional<Taken> take(Interrupt& interrupt, Clock& clock, const Work& work);

struct Counted {
  std::optional<std::uint64_t> system_calls, bytes;
};
/// Does the work once, all its threads traced (ptrace(2)): exact, and far too slow to be timed. Where tracing is not allowed, or
/// the kernel keeps no account of bytes read (/proc/self/io), the count is absent. All are absent if a signal came first.
Counted count(Interrupt& interrupt, const Work& work);

/// The share of user mode in the CPU time of the work, which is repeated for about `seconds` of CPU time, because the kernel
/// tells the modes apart by its timer's tick. None if a signal came first.
std::optional<double> user_share(Interrupt& interrupt, const Work& work, double seconds);

}  // namespace duostat::bench
