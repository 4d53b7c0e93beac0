// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/proc_dir.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace duostat {

std::string ProcDir::path(std::string_view relative) const {
  if (const auto at = replaced_.find(relative); at != replaced_.end()) return at->second;
  return std::string(root_).append("/").append(relative);
}

Fd ProcDir::open(std::string_view relative, int& error) const {
  Fd fd(::open(path(relative).c_str(), O_RDONLY | O_CLOEXEC));
  error = fd ? 0 : errno;
  return fd;
}

std::string ProcDir::read(std::string_view relative, int& error) const {
  std::string text;
  const Fd fd = open(relative, error);
  if (!fd) return text;
  char buffer[4096];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n > 0) {
      text.append(buffer, static_cast<std::size_t>(n));
    } else if (n == 0) {
      return text;
    } else if (errno != EINTR) {
      error = errno;
      return {};
    }
  }
}

std::string ProcDir::read_link(std::string_view relative, int& error) const {
  std::string text(256, '\0');
  for (;;) {
    const ssize_t n = ::readlink(path(relative).c_str(), text.data(), text.size());
    error = n < 0 ? errno : 0;
    if (n < 0) return {};
    if (static_cast<std::size_t>(n) < text.size()) return text.resize(static_cast<std::size_t>(n)), text;
    text.resize(2 * text.size());
  }
}

}  // namespace duostat
