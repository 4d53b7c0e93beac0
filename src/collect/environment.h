// Everything the program takes from outside, built once in main and handed down. Tests build their own.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

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

class DryRun;  // src/collect/dry_run.h

/// What the standard streams are.
struct Terminal {
  bool is_tty = false;      ///< standard output
  int columns = 0;          ///< TIOCGWINSZ of standard output; 0: unknown
  bool err_is_tty = false;  ///< standard error: a person reads the messages
  int (*ask_columns)() = nullptr;  ///< asks for `columns` again, for what goes on while the terminal may change
};

struct Origin;     // src/collect/host.h
struct Recording;  // src/collect/recording.h

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
  const Origin* origin = nullptr;          ///< not null: what is shown was recorded there and then
  DryRun* dry_run = nullptr;              ///< not null: nothing is done, it is told instead
  std::shared_ptr<const Recording> recorded{};  ///< not null: whose host is shown; the members above are its own then
  /// The program has rights that its caller lacks (AT_SECURE; main decides). Then it only shows, and opens files that the user named
  /// with CallersRights.
  bool secure = false;
};

}  // namespace duostat
