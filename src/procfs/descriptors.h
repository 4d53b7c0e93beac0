// How many descriptors processes have, and how many they may have.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"

namespace duostat {

/// RLIMIT_NOFILE. nullopt: unlimited, or not in the file.
struct DescriptorLimits {
  std::optional<std::uint64_t> soft, hard;
};

/// "Max open files" in the text of /proc/PID/limits (proc_pid_limits()).
DescriptorLimits descriptor_limits(std::string_view limits) noexcept;
/// The same of a process; nullopt if the file cannot be read.
std::optional<DescriptorLimits> descriptor_limits(const ProcDir& proc, std::uint32_t pid);

struct DescriptorUse {
  std::uint32_t pid = 0;
  std::string comm;          ///< raw bytes
  std::uint64_t open = 0;    ///< descriptors of every kind
  DescriptorLimits limits;
};

struct DescriptorCoverage {
  int error = 0;             ///< errno of listing the processes
  std::uint64_t processes = 0;
  std::uint64_t denied = 0;  ///< processes whose descriptors this user may not count: before Linux 6.2
  std::uint64_t unread = 0;  ///< processes not counted, or without limits, for another reason
  int unread_error = 0;      ///< errno of one of them

  bool incomplete() const noexcept { return error != 0 || denied != 0 || unread != 0; }
};

/// Processes with `least` descriptors or more, ascending by pid. Since Linux 6.2 the size of /proc/PID/fd is their
/// number, which every user may read (proc_fd_getattr()); before, they are counted.
std::vector<DescriptorUse> descriptor_uses(const ProcDir& proc, std::uint64_t least, DescriptorCoverage& coverage);

}  // namespace duostat
