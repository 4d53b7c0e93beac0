// An instance of tracefs: buffers of our own beside those of other users of the tracer. It outlives its process if that
// is killed, so it has a name by which the next start finds and removes it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "src/base/fd.h"
#include "src/base/proc_dir.h"

namespace duostat {

/// Whose instance it is.
struct InstanceName {
  std::string boot;             ///< the first digits of the boot's id
  std::uint64_t pid_namespace = 0;
  std::uint32_t pid = 0;
  std::uint64_t start = 0;      ///< of the process, clock ticks since boot

  bool operator==(const InstanceName&) const = default;
  /// "duostat-0a1b2c3d-4026531836-1234-567890"
  std::string text() const;
  static std::optional<InstanceName> parse(std::string_view text);
  /// Of the calling process. nullopt if /proc does not tell.
  static std::optional<InstanceName> own(const ProcDir& proc);
};

/// True if `other` belongs to a process of `own`'s boot and PID namespace that is no more.
bool is_left_over(const InstanceName& other, const InstanceName& own, const ProcDir& proc);

class TraceInstance {
 public:
  TraceInstance() noexcept = default;
  TraceInstance(const TraceInstance&) = delete;
  TraceInstance& operator=(const TraceInstance&) = delete;
  /// Removes it: close every descriptor of its files before.
  ~TraceInstance();

  /// Removes what other processes have left, and creates one. Empty, or what went wrong.
  std::string open(Fd root, const ProcDir& proc);
  /// Its folder.
  int folder() const noexcept { return folder_.get(); }
  int root() const noexcept { return root_.get(); }

 private:
  Fd root_, folder_;
  std::string path_;
};

}  // namespace duostat
