// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/bench/child.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>

#include "src/base/error.h"

namespace duostat::bench {
namespace {

constexpr int kThrew = 120;  ///< exit status of a child whose body threw

/// Waits until `fd` is readable. False if a signal came first.
bool wait_for(int fd, Interrupt& interrupt) {
  for (;;) {
    pollfd fds[2] = {{fd, POLLIN, 0}, {interrupt.fd(), POLLIN, 0}};
    if (interrupt.raised()) return false;
    if (::poll(fds, 2, -1) < 0 && errno != EINTR) return false;
    if (interrupt.raised()) return false;
    if (fds[0].revents != 0) return true;
  }
}

}  // namespace

Child::Child(const std::function<int()>& body, Group group) : group_(group) {
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw SystemError("fork", "", errno);
  if (group == Group::own) (void)::setpgid(pid_, pid_);  // in both processes, because either may run first
  if (pid_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kThrew);  // the parent died before that
  try {
    ::_exit(body());
  } catch (const std::exception&) {
    ::_exit(kThrew);
  }
}

Child& Child::operator=(Child&& other) noexcept {
  if (this != &other) {
    end();
    pid_ = std::exchange(other.pid_, -1);
    group_ = other.group_;
  }
  return *this;
}

void Child::end() noexcept {
  if (pid_ <= 0) return;
  end_group();
  ::kill(pid_, SIGKILL);
  // A traced process may stop once more, and its threads must be reaped before it.
  for (const pid_t which = group_ == Group::own ? -pid_ : pid_;;) {
    int status = 0;
    const pid_t pid = ::waitpid(which, &status, __WALL);
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0 || (pid == pid_ && !WIFSTOPPED(status))) break;
    if (WIFSTOPPED(status)) ::ptrace(PTRACE_CONT, pid, nullptr, SIGKILL);
  }
  pid_ = -1;
}

void Child::end_group() const noexcept {
  if (pid_ > 0 && group_ == Group::own) ::kill(-pid_, SIGKILL);
}

bool write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool read_exactly(int fd, Interrupt& interrupt, std::string& text, std::size_t size) {
  char buffer[65536];
  while (size != 0) {
    if (!wait_for(fd, interrupt)) return false;
    const ssize_t n = ::read(fd, buffer, std::min(size, sizeof buffer));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return true;
    text.append(buffer, static_cast<std::size_t>(n));
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

bool read_all(int fd, Interrupt& interrupt, std::string& text) {
  return read_exactly(fd, interrupt, text, static_cast<std::size_t>(-1));
}

Pipe::Pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw SystemError("pipe", "", errno);
  read = Fd(ends[0]);
  write = Fd(ends[1]);
}

std::optional<std::string> in_child(Interrupt& interrupt, const std::function<std::string()>& body) {
  Pipe pipe;
  Child child([&] { return write_all(pipe.write.get(), body()) ? 0 : 1; });
  pipe.write.reset();
  std::string text;
  if (!read_all(pipe.read.get(), interrupt, text)) return std::nullopt;
  int status = 0;
  while (::waitpid(child.pid(), &status, 0) < 0 && errno == EINTR) {}
  child.forget();
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) throw SystemError("measure", "in a process of its own", ECHILD);
  return text;
}

}  // namespace duostat::bench
