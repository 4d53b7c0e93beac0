// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/view/ended_connections.h"

#include <poll.h>

#include <cerrno>

#include "src/base/error.h"

namespace duostat {

EndedConnections::EndedConnections(Environment& env, RateTable& rates) : rates_(rates) {
  const OpenError error = destroyed_.open(env.open_transport, {Protocol::tcp}, {Family::inet, Family::inet6});
  if (error) refusal_ = error_text(error);
  joined_ = !error && destroyed_.fd() >= 0;
}

void EndedConnections::drain() {
  while (joined_) {
    pollfd one{destroyed_.fd(), POLLIN, 0};
    if (::poll(&one, 1, 0) <= 0) return;
    const int error = destroyed_.next([&](std::span<const Socket> batch) {
      for (const Socket& socket : batch) rates_.add_ended(socket);
      return true;
    });
    if (error == ENOBUFS) lost_ = true;
    else if (error != 0 && error != EINTR) joined_ = false, refusal_ = error_text(error);
  }
}

std::string EndedConnections::problem() const {
  if (!joined_) return "short connections not counted: those that end between two looks (" + refusal_ + ")";
  return lost_ ? "some short connections not counted: the kernel told of more ends than could be read" : "";
}

}  // namespace duostat
