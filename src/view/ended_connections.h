// The last counters of TCP connections, as the kernel tells them when it destroys the sockets (--rate).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/collect/environment.h"
#include "src/diag/events.h"
#include "src/insight/rates.h"

namespace duostat {

class EndedConnections {
 public:
  /// Joins the kernel's groups, which needs CAP_NET_ADMIN. Both arguments must outlive the object.
  EndedConnections(Environment& env, RateTable& rates);

  /// Readable when messages wait; -1 if the groups could not be joined.
  int fd() const { return joined_ ? destroyed_.fd() : -1; }
  /// Passes on the messages so far. Never blocks.
  void drain();
  /// Why connections that ended are missing from the rates; empty if none are.
  std::string problem() const;

 private:
  RateTable& rates_;
  DestroyedSockets destroyed_;
  bool joined_ = false, lost_ = false;
  std::string refusal_;
};

}  // namespace duostat
