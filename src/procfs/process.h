// Reads properties of processes that hold sockets from /proc/PID.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>

#include "src/base/proc_dir.h"
#include "src/model/process.h"

namespace duostat {

/// The cgroup2 path in the text of /proc/PID/cgroup (the line "0::PATH"); empty if there is none.
std::string_view cgroup2_path(std::string_view text) noexcept;
/// The effective user in the text of /proc/PID/status ("Uid:\treal\teffective\t…").
std::optional<std::uint32_t> effective_uid(std::string_view status) noexcept;

/// Reads each process once, at the first request; again only while some part of it could not be read.
class Processes {
 public:
  Processes(const ProcDir& proc, ProcessFields wanted) : proc_(proc), wanted_(wanted) {}
  /// Lives as long as this object. A process that has exited or may not be read has no members.
  const Process& of(std::uint32_t pid);

  /// Number of processes that could not be read completely for another reason: no descriptor, no memory.
  std::uint64_t unread() const;
  /// errno of one of them; 0 if there are none.
  int unread_error() const;

 private:
  struct Known {
    Process process;
    int error = 0;
  };
  Known read(std::uint32_t pid) const;

  const ProcDir& proc_;
  ProcessFields wanted_;
  std::unordered_map<std::uint32_t, Known> known_;
};

}  // namespace duostat
