// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/interrupt.h"

#include <sys/signalfd.h>

#include <cerrno>

#include "src/base/error.h"

namespace duostat {

Interrupt::Interrupt() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, &before_);
  fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw SystemError("signalfd", "", errno);
}

Interrupt::~Interrupt() { release(); }

void Interrupt::release() const noexcept { sigprocmask(SIG_SETMASK, &before_, nullptr); }

bool Interrupt::raised() noexcept {
  signalfd_siginfo info;
  if (signal_ == 0 && ::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    signal_ = static_cast<int>(info.ssi_signo);
  return signal_ != 0;
}

}  // namespace duostat
