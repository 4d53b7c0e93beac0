// A flight recorder: captures of this host again and again, of which the newest are kept.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "src/base/function_ref.h"
#include "src/collect/environment.h"

namespace duostat::command {

// Exit statuses of `duostat capture`, of one capture and of many.
namespace capture {
inline constexpr int kIncomplete = 1;  ///< something could not be read
inline constexpr int kNotMade = 2;     ///< the file could not be written
}  // namespace capture

struct RingRequest {
  std::string directory;       ///< made if it does not exist
  std::int64_t every_ns = 0;   ///< between the beginnings of two captures
  std::size_t keep = 24;
};

/// The two acts of a turn.
struct RingActs {
  /// Why this turn records; nullopt: it does not. May throw SystemError.
  FunctionRef<std::optional<std::string>()> wanted;
  /// Records into a file of this path. Throws SystemError if it cannot be written. Returns whether all was recorded.
  FunctionRef<bool(const std::string& path)> record;
};

/// Records until SIGINT, SIGTERM or SIGHUP. If a capture fails, one line on standard error gives the reason, unless the
/// last failure had the same, and the older captures stay. The oldest is removed only after a new one is complete.
/// Returns the status of the last capture: 0, kIncomplete or kNotMade. Throws SystemError if the directory
/// cannot be used.
int run_ring(Environment& env, const RingRequest& request, const RingActs& acts);

}  // namespace duostat::command
