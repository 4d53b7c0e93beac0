// The front ends: programs that duostat stands in for.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "src/collect/environment.h"

namespace duostat {

struct FrontEnd {
  std::string_view name;     ///< as a word on the command line, and in argv[0]
  std::string_view summary;  ///< one line for `duostat help`
  /// Runs it with the words after its name. Returns the exit status.
  int (*run)(Environment& env, std::span<const std::string> args);
  int usage_status;          ///< exit status of the original for a mistake on the command line
};

namespace ss {
int run(Environment& env, std::span<const std::string> args);
}
namespace netstat {
int run(Environment& env, std::span<const std::string> args);
}
namespace ss2 {
int run(Environment& env, std::span<const std::string> args);
}

inline constexpr FrontEnd kSs{"ss", "list sockets as iproute2's ss does", ss::run, 255};
inline constexpr FrontEnd kNetstat{"netstat", "list sockets as net-tools' netstat does", netstat::run, 3};
inline constexpr FrontEnd kSs2{"ss2", "list TCP and UNIX sockets as the JSON of pyroute2's ss2", ss2::run, 2};

/// Runs a front end. An exception becomes a line on standard error and its exit status.
int run_guarded(const FrontEnd& front_end, Environment& env, std::span<const std::string> args);

}  // namespace duostat
