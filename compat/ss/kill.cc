// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/kill.h"

#include <fmt/core.h>

#include <cerrno>

#include "src/base/error.h"

namespace duostat::ss {

Verdict Killer::kill(const Socket& socket) {
  if (!destroyer_) {
    destroyer_.emplace();
    if (const int error = destroyer_->open(env_.open_transport)) return refuse("Cannot open netlink socket:", error);
  }
  switch (const int error = destroyer_->destroy(socket)) {
    case 0: return Verdict::show;
    case ENOENT:
    case EOPNOTSUPP: return Verdict::skip;
    default: return refuse("SOCK_DESTROY answers:", error);
  }
}

Verdict Killer::refuse(std::string_view what, int error) {
  env_.err.line(fmt::format("{} {}", what, error_text(error)));
  refused_ = true;
  return Verdict::end;
}

}  // namespace duostat::ss
