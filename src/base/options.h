// The command line as a list of events. Boost.ProgramOptions is the tokenizer; this is the only file that knows it.
//
// What getopt_long(3) accepts is accepted here with the same meaning: clusters (-tulpn), attached and separate values,
// options between operands, "--", unambiguous abbreviations of long names. Events keep the order of the command line, so
// that "the last one wins" and "the first one clears" need no state here.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duostat {

/// What the tokenizer must know of an option; src/base/option_table.h makes these from a front end's rows. The order of the
/// table is that in which an ambiguous abbreviation's possibilities are listed; of two rows with one name the first counts.
struct OptionRow {
  char letter = 0;         ///< 0: long name only
  std::string_view names;  ///< long names, comma separated, the first is canonical ("query,socket"); may be empty
  /// Name of the value in usage texts; empty for a flag. In brackets ("[=lines]"): the value may be left out, and if there is one
  /// it is joined to the long name by '='. No operand is ever taken for it, and the letter never has one.
  std::string_view arg;
  /// An option of our own: it works, but takes no part in the abbreviations and messages of the legacy tool.
  bool extension = false;
  /// Not 0: rows of one effect (and all with a value, or all without) may share an abbreviation; the first in the table is
  /// then meant. This is getopt_long's rule for entries of one `val`: netstat's families share one, so that `--ine` is
  /// `--inet`, while its two `--unix` do not, so that `--un` is ambiguous.
  unsigned char effect = 0;
};

/// One option as it was met; `row` is its index in the table.
struct OptionEvent {
  std::size_t row;
  std::string value;
};

struct ParsedOptions {
  std::vector<OptionEvent> events;    ///< in command-line order, duplicates kept, up to the first error
  std::vector<std::string> operands;  ///< in order, up to the first error
  /// Empty, or what getopt_long would print after "PROGRAM: ", for example "invalid option -- 'Q'". The events before the
  /// mistake are all there: a front end acts on them first (`-V` before a bad option prints the version).
  std::string error;
};

struct OptionRules {
  /// POSIXLY_CORRECT: the first operand ends the options.
  bool stop_at_operand = false;
};

/// True if a value may follow and need not.
constexpr bool value_is_optional(std::string_view arg) { return arg.starts_with("[="); }

/// Splits `args` (without argv[0]) by the table. Never throws for what the user typed.
ParsedOptions parse_options(std::span<const OptionRow> table, std::span<const std::string> args, OptionRules rules = {});

}  // namespace duostat
