// The interface of a source of sockets. procfs and diag implement it; fakes go below them (ProcDir, Transport), not here.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/query/query.h"

namespace duostat {

class Backend {
 public:
  virtual ~Backend() = default;

  /// Reads the kernel's table and hands out sockets in its order: for inet protocols IPv4 before IPv6. Throws nothing for
  /// what the kernel or a file says; Coverage tells.
  virtual Coverage collect(const Query& query, Sink sink) = 0;

  /// Prepares for another collect() after an answer that broke off: slower, and with less that can fail. False if the source would only
  /// repeat what it answered.
  virtual bool prepare_retry() { return false; }
};

}  // namespace duostat
