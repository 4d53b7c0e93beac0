// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/watch_terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/base/error.h"
#include "src/base/output.h"

namespace duostat {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J";  ///< alternate screen, no cursor, cleared
constexpr std::string_view kLeave = "\x1b[0m\x1b[?25h\x1b[?1049l";

/// A blocked signal is queued even if it is ignored (nohup(1)).
bool ignored(int number) {
  struct sigaction action {};
  return ::sigaction(number, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

WatchTerminal::WatchTerminal(int in, int out) : in_(in), out_(out) {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGTSTP})
    if (!ignored(number)) sigaddset(&set, number);
  sigaddset(&set, SIGCONT);
  sigaddset(&set, SIGWINCH);
  sigprocmask(SIG_BLOCK, &set, &mask_before_);
  signals_ = Fd(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!signals_) {
    const int error = errno;
    sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
    throw SystemError("signalfd", "", error);
  }
  reads_keys_ = ::tcgetattr(in_, &before_) == 0;
  enter();
}

WatchTerminal::~WatchTerminal() {
  leave();
  sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
}

void WatchTerminal::enter() {
  if (reads_keys_) {
    termios raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // ISIG stays: Ctrl-C and Ctrl-Z are signals
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    ::tcsetattr(in_, TCSADRAIN, &raw);
  }
  write(kEnter);
}

void WatchTerminal::leave() noexcept {
  FdSink(out_).write(kLeave);
  if (reads_keys_) ::tcsetattr(in_, TCSADRAIN, &before_);
}

/// Stops like a program that leaves SIGTSTP alone.
void WatchTerminal::suspend() {
  leave();
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTSTP);
  ::raise(SIGTSTP);
  sigprocmask(SIG_UNBLOCK, &stop, nullptr);  // stops here
  sigprocmask(SIG_BLOCK, &stop, nullptr);
  enter();
}

WatchTerminal::Event WatchTerminal::take_signal() {
  signalfd_siginfo info;
  Event event = Event::timeout;
  while (::read(signals_.get(), &info, sizeof info) == static_cast<ssize_t>(sizeof info)) {
    switch (static_cast<int>(info.ssi_signo)) {
      case SIGWINCH: event = Event::redraw; break;
      case SIGTSTP: suspend(), event = Event::redraw; break;
      case SIGCONT: enter(), event = Event::redraw; break;  // after a SIGSTOP; the shell has used the terminal
      default: return Event::end;
    }
  }
  return event;
}

WatchTerminal::Event WatchTerminal::wait(std::int64_t timeout_ns, std::string& keys, int also) {
  constexpr std::int64_t kMillisecond = 1'000'000;
  pollfd ready[] = {{signals_.get(), POLLIN, 0}, {reads_keys_ ? in_ : -1, POLLIN, 0}, {also, POLLIN, 0}};
  const std::int64_t rounded = (std::max<std::int64_t>(timeout_ns, 0) + kMillisecond - 1) / kMillisecond;
  if (::poll(ready, 3, static_cast<int>(std::min<std::int64_t>(rounded, 1 << 30))) <= 0) return Event::timeout;
  if (ready[0].revents != 0)
    if (const Event event = take_signal(); event != Event::timeout) return event;
  if (ready[1].revents == 0) return Event::timeout;
  char buffer[256];
  const ssize_t size = ::read(in_, buffer, sizeof buffer);
  if (size == 0 || (size < 0 && errno != EINTR && errno != EAGAIN)) return Event::end;
  if (size < 0) return Event::timeout;
  keys.append(buffer, static_cast<std::size_t>(size));
  return Event::keys;
}

WatchTerminal::Size WatchTerminal::size() const {
  winsize size{};
  if (::ioctl(out_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {size.ws_col, size.ws_row};
}

bool WatchTerminal::write(std::string_view bytes) const {
  return bytes.empty() || FdSink(out_).write(bytes) == 0;
}

}  // namespace duostat
