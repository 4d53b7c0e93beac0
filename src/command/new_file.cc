// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/new_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "src/base/error.h"

namespace duostat::command {
namespace {

constexpr std::array kSignals{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
constexpr int kAttempts = 100;  // to find an unused name

/// Blocks the signals while a file gets its name, so that the destructor and the handler always know the name to
/// remove.
class SignalsHeld {
 public:
  SignalsHeld() noexcept {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : kSignals) sigaddset(&set, number);
    sigprocmask(SIG_BLOCK, &set, &before_);
  }
  ~SignalsHeld() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_;
};

/// The file that the handler removes; empty: none. Signal handlers take no argument.
char removed_by_signal[PATH_MAX];  // NOLINT

void remove_and_end(int number) {
  if (removed_by_signal[0] != '\0') ::unlink(removed_by_signal);
  std::signal(number, SIG_DFL);
  std::raise(number);
}

/// Call with the signals blocked. Ignored signals stay ignored.
void remove_on_signal(const std::string& name) noexcept {
  if (name.size() >= sizeof removed_by_signal) return;
  std::memcpy(removed_by_signal, name.c_str(), name.size() + 1);
  for (const int number : kSignals) {
    struct sigaction action {};
    if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler != SIG_DFL) continue;
    action.sa_handler = remove_and_end;
    ::sigaction(number, &action, nullptr);
  }
}

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

NewFile::NewFile(std::string path, mode_t mode) : path_(std::move(path)), mode_(mode) {
  fd_ = Fd(::open(directory_of(path_).c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kPrivate));
  // Whether it can be given a name later: without CAP_DAC_READ_SEARCH that takes /proc.
  const std::string self = "/proc/self/fd/" + std::to_string(fd_.get());
  if (!fd_ || ::access(self.c_str(), F_OK) != 0) create_named();
}

NewFile::~NewFile() {
  if (temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  const SignalsHeld held;
  removed_by_signal[0] = '\0';
}

void NewFile::create_named() {
  const SignalsHeld held;
  temporary_ = path_ + ".XXXXXX";
  fd_ = Fd(::mkostemp(temporary_.data(), O_CLOEXEC));
  if (!fd_) {
    const int error = errno;
    temporary_.clear();
    throw SystemError("create", path_, error);
  }
  remove_on_signal(temporary_);
}

/// 0 or errno.
int NewFile::link_to(const std::string& name) const noexcept {
  char self[32];
  std::snprintf(self, sizeof self, "/proc/self/fd/%d", fd_.get());
  return ::linkat(AT_FDCWD, self, AT_FDCWD, name.c_str(), AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

/// Gives the file an unused name, to be renamed from: linkat(2) does not replace a file.
void NewFile::link_beside() {
  for (int i = 0;; ++i) {
    std::string name = path_ + "." + std::to_string(::getpid()) + "-" + std::to_string(i);
    const int error = link_to(name);
    if (error == 0) return temporary_.swap(name);
    if (error != EEXIST || i == kAttempts) throw SystemError("write", path_, error);
  }
}

void NewFile::take_place() {
  if (mode_ != kPrivate && ::fchmod(fd_.get(), mode_) != 0) throw SystemError("chmod", path_, errno);
  if (::fsync(fd_.get()) != 0) throw SystemError("write", path_, errno);
  const SignalsHeld held;
  if (temporary_.empty()) {
    const int error = link_to(path_);
    if (error == 0) return;
    if (error != EEXIST) throw SystemError("write", path_, error);
    link_beside();
  }
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) throw SystemError("write", path_, errno);
  temporary_.clear();
  removed_by_signal[0] = '\0';
}

void write_file(const std::string& path, FunctionRef<void(int fd)> write, mode_t mode) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    const Fd fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY));
    if (!fd) throw SystemError("open", path, errno);
    return write(fd.get());
  }
  NewFile file(path, mode);
  write(file.fd());
  file.take_place();
}

}  // namespace duostat::command
