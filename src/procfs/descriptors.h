// The number of descriptors of each process, and its limit.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "src/base/proc_dir.h"
#include "src/model/descriptor_use.h"

namespace duostat {

/// "Max open files" in the text of /proc/PID/limits (proc_pid_limits()).
DescriptorLimits descriptor_limits(std::string_view limits) noexcept;

/// Processes with `least` descriptors or more, ascending by pid. Since Linux 6.2 the size of /proc/PID/fd is their
/// number, which every user may read (proc_fd_getattr()); before, they are counted.
DescriptorUses descriptor_uses(const ProcDir& proc, std::uint64_t least);

}  // namespace duostat
