// Turns SIGINT, SIGTERM and SIGHUP into a flag that is polled between steps.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>
#include <cstdint>

#include "src/base/fd.h"

namespace duostat {

class Clock;  // src/base/clock.h

/// Blocks the three signals during its lifetime. Processes forked meanwhile inherit the blocked mask, so they end only
/// when this process ends them or exits. A signal that was ignored before (nohup(1)) stays ignored. After a first
/// signal, the three stay blocked until the process exits, so that a later one cannot end it with another status.
class Interrupt {
 public:
  /// Throws SystemError if signalfd(2) fails.
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// True after a signal has arrived.
  bool raised() noexcept;
  /// Waits until `end_ns` of the clock, but at most a minute, or until the descriptor `also` is readable; -1: there is
  /// none. False: a signal has arrived. Throws SystemError if poll(2) fails.
  bool wait_until(Clock& clock, std::int64_t end_ns, int also = -1);
  /// Its number; 0 if none has arrived.
  int signal() const noexcept { return signal_; }
  /// Readable when a signal is pending: for poll(2).
  int fd() const noexcept { return fd_.get(); }
  /// Restores the signal mask, in a forked child that is about to exec.
  void release() const noexcept;

 private:
  Fd fd_;
  sigset_t before_;
  int signal_ = 0;
};

}  // namespace duostat
