// Processes that hold a socket.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

namespace duostat {

/// One descriptor of one task that refers to a socket. The views live as long as the OwnerIndex that returned them.
struct Owner {
  std::uint32_t pid = 0;  ///< process (thread group) id in the PID namespace of the /proc that was read
  std::uint32_t tid = 0;  ///< thread id; equal to pid for the main thread
  std::uint32_t fd = 0;
  std::string_view comm;     ///< task name, raw bytes, whole: up to the last ')' of /proc/PID/stat
  std::string_view argv0;    ///< first argument of /proc/PID/cmdline, raw bytes, if requested
  std::string_view context;  ///< security context of the task, if requested
};

}  // namespace duostat
