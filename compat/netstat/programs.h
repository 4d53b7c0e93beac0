// The -p and -Z columns: which process holds a socket.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/collect/environment.h"
#include "src/model/socket.h"
#include "src/procfs/owners.h"

namespace duostat::netstat {

/// Filled once a pass, before the first table is read.
class Programs {
 public:
  /// Width of the -p column; the text in it is at most one byte shorter.
  static constexpr int kWidth = 20;
  static constexpr int kContextWidth = 50;

  /// Without processes: every socket shows '-'.
  Programs() = default;
  /// Reads the owners and warns on standard error of what could not be read. `user` is the effective user id.
  Programs(Environment& env, unsigned user, bool context);

  /// Owners were read.
  bool read() const { return read_; }
  /// Null if the original's warning about processes was printed, or none were read.
  const OwnerIndex* whole() const { return read_ && !warned_ ? &owners_ : nullptr; }

  /// "PID/name" of the first process found, or "-"; at most 19 bytes.
  char* format(char* at, const Socket& socket);
  /// The security context of that process, or "-"; at most 49 bytes.
  char* format_context(char* at, const Socket& socket);

 private:
  OwnerIndex owners_;
  bool read_ = false, warned_ = false;
  std::string scratch_;
};

/// The name in the -p column: argv[0] or, if that is an absolute path, its last part.
std::string_view program_name(std::string_view argv0);

}  // namespace duostat::netstat
