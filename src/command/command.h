// duostat's own commands. A command is one row, which main and the usage texts read.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/error.h"
#include "src/base/option_table.h"
#include "src/collect/environment.h"

namespace duostat::command {

/// The words of a command line that are no options.
struct Operands {
  std::string_view usage;  ///< in the usage line: "FILE"; empty: the command takes none
  std::size_t least = 0, most = 0;
  bool end_options = false;  ///< the first operand ends the options
};

struct Command {
  std::string_view title;        ///< "duostat capture": prefix of every message
  std::string_view summary;      ///< one line for `duostat help`
  std::string_view description;  ///< first paragraph of the usage text
  Operands operands{};
  /// Exit status for a SystemError or FormatError and, if `shows_host`, for a recorded host that cannot be read.
  int failure_status = 1;
  int usage_status = kUsageStatus;  ///< exit status for every mistake on the command line
  bool only_shows = true;    ///< false: writes files or starts programs; refused in secure execution
  bool shows_host = false;   ///< reads the host only through the environment, so that --from can replace it
  bool shows_hosts = false;  ///< also several recorded hosts, each as a place (src/collect/each_place.h)
  /// The options with their help texts, --help last. Filled by command_of().
  std::vector<OptionText> (*options)() = nullptr;
  /// Runs the command with the words after its name and returns the exit status. Filled by command_of().
  int (*run)(const Command& command, Environment& env, std::span<const std::string> args) = nullptr;

  /// The word that calls it.
  constexpr std::string_view name() const { return title.substr(title.find(' ') + 1); }
};

/// The commands that need no legacy front end, in the order of `duostat help`.
std::span<const Command* const> commands();

/// "Usage: duostat capture [OPTIONS] FILE", without a newline.
std::string usage_line(const Command& command);
/// What --help prints.
std::string usage_text(const Command& command);

}  // namespace duostat::command
