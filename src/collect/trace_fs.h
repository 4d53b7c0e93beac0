// The kernel's tracefs as a detached mount, which others cannot see and which vanishes with its descriptor.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/base/fd.h"

namespace duostat {

/// The root of tracefs: a detached mount (fsopen(2), fsmount(2): Linux 5.2), else /sys/kernel/tracing. No descriptor,
/// with the reason in `why`, if neither can be had.
Fd open_trace_fs(std::string& why);

/// The text of a file below `directory`; empty with `error` set on failure.
std::string read_below(int directory, const std::string& path, int& error);
/// Writes a whole value. 0 or errno.
int write_below(int directory, const std::string& path, std::string_view value);

}  // namespace duostat
