// SIGINT, SIGTERM and SIGHUP as something to look at between two steps, instead of an end in the middle of one.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <csignal>

#include "src/base/fd.h"

namespace duostat {

/// Holds the three signals back while it lives; they are inherited as blocked by processes forked meanwhile, which therefore
/// end only when this process ends them (or ends itself). A signal that was ignored before (nohup(1)) stays ignored. Once one
/// has come, the three stay blocked until the process exits, so that a later one cannot end it with another status.
class Interrupt {
 public:
  /// Throws SystemError if the kernel has no signalfd(2) to give.
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// True once a signal has come.
  bool raised() noexcept;
  /// Its number; 0 if none has.
  int signal() const noexcept { return signal_; }
  /// Readable when a signal waits: for poll(2).
  int fd() const noexcept { return fd_.get(); }
  /// In a forked child that is about to become another program: signals as they were.
  void release() const noexcept;

 private:
  Fd fd_;
  sigset_t before_;
  int signal_ = 0;
};

}  // namespace duostat
