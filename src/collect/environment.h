// All inputs and outputs of the program. main builds it once and passes it down; tests build their own.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "src/base/clock.h"
#include "src/base/output.h"
#include "src/base/proc_dir.h"
#include "src/base/variables.h"
#include "src/base/warn.h"
#include "src/diag/transport.h"
#include "src/names/resolver.h"

namespace duostat {

class BpfCall;  // src/bpf/call.h
class DryRun;   // src/collect/dry_run.h

/// Where the owners of sockets are read from: --owners, DUOSTAT_OWNERS, configure's --with-owners.
enum class OwnersFrom : std::uint8_t { procfs, bpf, automatic };

/// Properties of the standard streams.
struct Terminal {
  bool is_tty = false;      ///< standard output
  int columns = 0;          ///< TIOCGWINSZ of standard output; 0: unknown
  bool err_is_tty = false;  ///< standard error is a terminal
  int (*ask_columns)() = nullptr;  ///< reads `columns` again, for output that goes on while the terminal may be resized
};

struct Origin;     // src/collect/host.h
struct Recording;  // src/collect/recording.h
struct RecordedHosts;  // src/collect/recorded_hosts.h

struct Environment {
  std::string program;         ///< argv[0] as typed, for messages
  const Variables& variables;
  const ProcDir& proc;
  OpenTransport open_transport;
  Clock& clock;
  Resolver& names;
  Output& out;
  Diagnostics& err;
  Terminal terminal;
  std::span<const std::string> command{};  ///< the command line as typed, argv[0] first
  const Origin* origin = nullptr;          ///< not null: where and when the shown host was recorded
  DryRun* dry_run = nullptr;              ///< not null: records actions instead of doing them
  std::shared_ptr<const Recording> recorded{};  ///< not null: the shown host; the members above are replaced by its
  /// The program has rights that its caller lacks (AT_SECURE, set by main). It then changes nothing, and opens files
  /// that the user named with CallersRights.
  bool secure = false;
  /// Where owners are read from if no option and no variable says it; choose_owners() changes it.
  OwnersFrom owners = OwnersFrom::procfs;
  BpfCall* bpf = nullptr;  ///< null: this host's kernel cannot be asked, or is not to be
  /// Not null: several recorded hosts are shown, each as a place (src/collect/each_place.h); the members above are this
  /// host's.
  const RecordedHosts* hosts = nullptr;
};

/// True if standard output is a terminal, and the user does not refuse colours (https://no-color.org).
inline bool wants_colour(const Environment& env) {
  return env.terminal.is_tty && env.variables.get("NO_COLOR").value_or("").empty();
}

}  // namespace duostat
