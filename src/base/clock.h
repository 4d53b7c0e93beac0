// Time, as something that a test can hold still.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>
#include <cstdint>

namespace duostat {

class Clock {
 public:
  virtual ~Clock() = default;
  /// CLOCK_MONOTONIC, nanoseconds.
  virtual std::int64_t now_ns() = 0;
  /// CLOCK_REALTIME: nanoseconds since 1970-01-01T00:00:00Z.
  virtual std::int64_t wall_ns() = 0;
  /// Sleeps; returns early when a signal handler has run.
  virtual void sleep_ns(std::int64_t duration) = 0;
  /// The same with `mask` in place of the thread's signal mask while it sleeps, as with ppoll(2).
  virtual void sleep_with_mask(std::int64_t duration, const sigset_t& mask) {
    static_cast<void>(mask);
    sleep_ns(duration);
  }
};

/// The kernel's clock.
class SystemClock final : public Clock {
 public:
  std::int64_t now_ns() override;
  std::int64_t wall_ns() override;
  void sleep_ns(std::int64_t duration) override;
  void sleep_with_mask(std::int64_t duration, const sigset_t& mask) override;
};

}  // namespace duostat
