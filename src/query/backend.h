// The interface of a source of sockets. procfs and diag implement it; fakes go below them (ProcDir, Transport), not
// here.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/query/query.h"

namespace duostat {

class Backend {
 public:
  virtual ~Backend() = default;

  /// Reads the kernel's table and hands out sockets in its order: for inet protocols IPv4 before IPv6. Reports errors
  /// of the kernel and of files in Coverage and throws nothing for them.
  virtual Coverage collect(const Query& query, Sink sink) = 0;

  /// Prepares to repeat a collect() that broke off, by a slower and more robust way. False if the source would only
  /// repeat its answer.
  virtual bool prepare_retry() { return false; }
};

}  // namespace duostat
