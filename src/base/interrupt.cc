// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/interrupt.h"

#include <poll.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <cerrno>

#include "src/base/clock.h"
#include "src/base/error.h"

namespace duostat {
namespace {

/// The kernel queues a blocked signal even if it is ignored, so signalfd(2) would read it.
bool ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Interrupt::Interrupt() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP})
    if (!ignored(number)) sigaddset(&set, number);
  sigprocmask(SIG_BLOCK, &set, &before_);
  fd_ = Fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd_) throw SystemError("signalfd", "", errno);
}

Interrupt::~Interrupt() {
  // Signals after the first ask for the same end. One that comes between here and the exit must not change the exit
  // status.
  if (signal_ == 0) release();
}

void Interrupt::release() const noexcept { sigprocmask(SIG_SETMASK, &before_, nullptr); }

bool Interrupt::wait_until(Clock& clock, std::int64_t end_ns, int also) {
  constexpr std::int64_t kMillisecond = 1'000'000, kLongest = 60'000;
  if (raised()) return false;
  const std::int64_t left = (end_ns - clock.now_ns() + kMillisecond - 1) / kMillisecond;
  if (left <= 0) return true;
  pollfd both[] = {{fd(), POLLIN, 0}, {also, POLLIN, 0}};
  if (::poll(both, 2, static_cast<int>(std::min(left, kLongest))) < 0 && errno != EINTR)
    throw SystemError("poll", "", errno);
  return !raised();
}

bool Interrupt::raised() noexcept {
  signalfd_siginfo info;
  if (signal_ == 0 && ::read(fd_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info))
    signal_ = static_cast<int>(info.ssi_signo);
  return signal_ != 0;
}

}  // namespace duostat
