// Identifies the shown host and the time of the listing.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/collect/environment.h"

namespace duostat {

struct Host {
  std::string hostname;     ///< uname(2)'s nodename
  std::string kernel;       ///< its release, "6.18.0"
  std::string machine;      ///< "x86_64"
  std::uint64_t netns = 0;  ///< inode of the network namespace; 0: unknown
};

/// Where and when a capture was recorded.
struct Origin {
  Host host;
  std::int64_t wall_ns = 0;  ///< CLOCK_REALTIME
};

/// The recorded host if env.origin is set, else this one: uname(2) and the link self/ns/net of env.proc, read now.
Host host_of(const Environment& env);
/// The recorded time, or the current time: CLOCK_REALTIME in nanoseconds.
std::int64_t wall_time_ns(const Environment& env);

/// How long the host is up, in milliseconds: /proc/uptime, which has hundredths of a second. nullopt: unreadable.
std::optional<std::uint64_t> uptime_ms(const ProcDir& proc);

/// RFC 3339 in UTC with microseconds: "2026-01-31T12:00:00.123456Z".
std::string time_text(std::int64_t wall_ns);

}  // namespace duostat
