// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/collect/trace_fs.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/error.h"

namespace duostat {
namespace {

constexpr char kMounted[] = "/sys/kernel/tracing";

#ifdef SYS_fsopen
constexpr unsigned kCloseOnExec = 1;  // FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC
constexpr unsigned kCreate = 6;       // FSCONFIG_CMD_CREATE

Fd open_detached() {
  const Fd context(static_cast<int>(::syscall(SYS_fsopen, "tracefs", kCloseOnExec)));
  if (!context) return {};
  if (::syscall(SYS_fsconfig, context.get(), kCreate, nullptr, nullptr, 0) != 0) return {};
  return Fd(static_cast<int>(::syscall(SYS_fsmount, context.get(), kCloseOnExec, 0)));
}
#else
Fd open_detached() { return errno = ENOSYS, Fd(); }
#endif

}  // namespace

Fd open_trace_fs(std::string& why) {
  Fd root = open_detached();
  if (root) return root;
  why = "tracefs: " + error_text(errno);
  root = Fd(::open(kMounted, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // Without a mount the folder is an empty one of sysfs.
  if (root && ::faccessat(root.get(), "events", X_OK, 0) == 0) return root;
  return {};
}

std::string read_below(int directory, const std::string& path, int& error) {
  std::string text;
  const Fd file(::openat(directory, path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return error = errno, text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(file.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return error = errno, std::string();
    if (n == 0) return error = 0, text;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

int write_below(int directory, const std::string& path, std::string_view value) {
  const Fd file(::openat(directory, path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file) return errno;
  const ssize_t n = ::write(file.get(), value.data(), value.size());
  return n < 0 ? errno : static_cast<std::size_t>(n) == value.size() ? 0 : EIO;
}

}  // namespace duostat
