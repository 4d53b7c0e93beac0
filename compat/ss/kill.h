// -K: sockets are closed before they are shown.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "src/collect/environment.h"
#include "src/diag/destroy.h"

namespace duostat::ss {

/// What becomes of a row after the attempt.
enum class Verdict : std::uint8_t {
  show,  ///< killed
  skip,  ///< gone already, or of a kind that cannot be killed
  end,   ///< refused: it has been said, and the rest of the table is left alone
};

/// Kills the sockets of one table.
class Killer {
 public:
  explicit Killer(Environment& env) : env_(env) {}

  Verdict kill(const Socket& socket);
  bool refused() const noexcept { return refused_; }

 private:
  Verdict refuse(std::string_view what, int error);

  Environment& env_;
  std::optional<SocketDestroyer> destroyer_;  ///< opened for the first socket
  bool refused_ = false;
};

}  // namespace duostat::ss
