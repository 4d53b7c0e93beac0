// Who answers a query. procfs and diag implement it; fakes go below them (ProcDir, Transport), not here.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/query/query.h"

namespace duostat {

class Backend {
 public:
  virtual ~Backend() = default;

  /// The fields that this backend can ever tell about sockets of `protocol`. A field that it lacks is absent in every row
  /// it hands out. doc/backends.md is checked against this.
  virtual FieldSet knows(Protocol protocol) const = 0;

  /// Reads the kernel's table and hands out sockets in its order: for inet protocols IPv4 before IPv6. Throws nothing for
  /// what the kernel or a file says; Coverage tells.
  virtual Coverage collect(const Query& query, Sink sink) = 0;
};

}  // namespace duostat
