// Performs one answer in a new process: timed, counted, or repeated.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "src/base/clock.h"
#include "src/base/interrupt.h"
#include "src/bench/work.h"

namespace duostat::bench {

struct Taken {
  Sample sample;  ///< without its round
  std::string problem;
};
/// Does the work once in a new process, like a user's command: only the kernel and the file system are warm. nullopt if
/// a signal came first. Throws SystemError if no process can be started.
std::optional<Taken> take(Interrupt& interrupt, Clock& clock, const Work& work);

struct Counted {
  std::optional<std::uint64_t> system_calls, bytes;
};
/// Does the work once with all its threads traced (ptrace(2)): exact counts, but too slow to be timed. A count is
/// absent if tracing is not permitted, or if the kernel keeps no account of bytes read (/proc/self/io). Both are absent
/// if a signal came first.
Counted count(Interrupt& interrupt, const Work& work);

/// The share of user mode in the CPU time of the work, which is repeated for about `seconds` of CPU time because the
/// kernel separates the modes by its timer tick. nullopt if a signal came first.
std::optional<double> user_share(Interrupt& interrupt, const Work& work, double seconds);

}  // namespace duostat::bench
