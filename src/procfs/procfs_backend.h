// The procfs backend: reads the text files of /proc/net.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/proc_dir.h"
#include "src/query/backend.h"

namespace duostat {

/// Reads one file per table: net/tcp, net/tcp6, net/udp, … Each parser's source file begins with a sample of its
/// format.
class ProcfsBackend final : public Backend {
 public:
  /// `proc` must outlive the backend.
  explicit ProcfsBackend(const ProcDir& proc) : proc_(proc) {}
  /// The fields that the files can tell about sockets of `protocol`; doc/backends.md is checked against this.
  static FieldSet knows(Protocol protocol);
  Coverage collect(const Query& query, Sink sink) override;

 private:
  const ProcDir& proc_;
};

/// Returns the file that lists a protocol's sockets of a family ("net/tcp6"), relative to the proc directory; empty if
/// there is none.
std::string_view procfs_file(Protocol protocol, Family family);

}  // namespace duostat
