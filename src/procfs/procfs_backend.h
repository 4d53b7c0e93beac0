// Backend 1: the text files of /proc/net.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/base/proc_dir.h"
#include "src/query/backend.h"

namespace duostat {

/// One file per table: net/tcp, net/tcp6, net/udp, … The rows' formats stand at the top of the file that parses them.
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

/// The file that lists a protocol's sockets of a family ("net/tcp6"), relative to the proc directory; empty if none
/// does.
std::string_view procfs_file(Protocol protocol, Family family);

}  // namespace duostat
