// What the program can be called as.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/options.h"
#include "src/collect/environment.h"

namespace duostat {

/// One personality of the program: a row in main's table.
struct FrontEnd {
  std::string_view name;     ///< word on the command line and in argv[0]
  std::string_view summary;  ///< one line for `duostat help`
  /// Runs it. `args` are the words after the name. Returns the exit status.
  int (*run)(Environment& env, std::span<const std::string> args);
  int usage_status;          ///< exit status for a UsageError that the front end did not word itself
  bool legacy;               ///< may be chosen by argv[0]; compat/local.mk says which of these get a link on installation
  /// Its options, if it can show a recorded host (--from); null if not.
  std::vector<OptionRow> (*option_rows)() = nullptr;
  bool only_shows = true;    ///< false: it writes files or starts programs, and is refused in secure execution
};

namespace ss {
int run(Environment& env, std::span<const std::string> args);
std::vector<OptionRow> option_rows();
}
namespace netstat {
int run(Environment& env, std::span<const std::string> args);
std::vector<OptionRow> option_rows();
}
namespace ss2 {
int run(Environment& env, std::span<const std::string> args);
std::vector<OptionRow> option_rows();
}
namespace native {
int capture(Environment& env, std::span<const std::string> args);
int run_bench(Environment& env, std::span<const std::string> args);
int explain(Environment& env, std::span<const std::string> args);
}

/// The two that `duostat explain` explains; main's table begins with them.
inline constexpr FrontEnd kSs{"ss", "list sockets as iproute2's ss does", ss::run, 255, true, ss::option_rows};
inline constexpr FrontEnd kNetstat{"netstat", "list sockets as net-tools' netstat does", netstat::run, 3, true, netstat::option_rows};

/// Exit status of a program that had too little memory. One line on standard error says so.
inline constexpr int kOutOfMemory = 1;

/// Runs a front end and turns what it throws into its exit status, and a line on standard error.
int run_guarded(const FrontEnd& front_end, Environment& env, std::span<const std::string> args);

}  // namespace duostat
