// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/command/user_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "src/base/callers_rights.h"
#include "src/base/fd.h"

namespace duostat::command {

int read_user_file(const std::string& path, bool secure, std::size_t most, std::string& text) {
  const CallersRights rights(secure);
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!fd) return errno;
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    if (n == 0) return 0;
    text.append(buffer, static_cast<std::size_t>(n));
    if (text.size() > most) return EFBIG;
  }
}

}  // namespace duostat::command
