// The clock as an interface, so that tests can control time.
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
  /// Processor time of this process and its threads, nanoseconds.
  virtual std::int64_t processor_ns() { return now_ns(); }
  /// Sleeps for `duration` nanoseconds; returns early after a signal handler has run.
  virtual void sleep_ns(std::int64_t duration) = 0;
  /// Sleeps with `mask` as the thread's signal mask, like ppoll(2).
  virtual void sleep_with_mask(std::int64_t duration, const sigset_t& mask) {
    static_cast<void>(mask);
    sleep_ns(duration);
  }
};

/// The kernel's clocks.
class SystemClock final : public Clock {
 public:
  std::int64_t now_ns() override;
  std::int64_t wall_ns() override;
  std::int64_t processor_ns() override;
  void sleep_ns(std::int64_t duration) override;
  void sleep_with_mask(std::int64_t duration, const sigset_t& mask) override;
};

}  // namespace duostat
