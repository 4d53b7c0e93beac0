// Tokenizes the command line into a list of events. Boost.ProgramOptions is the tokenizer, and this is the only file
// that uses it.
//
// It accepts what getopt_long(3) accepts, with the same meaning: clusters (-tulpn), attached and separate values,
// options between operands, "--", unambiguous abbreviations of long names. Events keep command-line order, so rules
// such as "the last one wins" and "the first one clears" need no state here.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace duostat {

/// The tokenizer's view of an option; src/base/option_table.h makes these from a front end's rows. The possibilities of
/// an ambiguous abbreviation are listed in the order of the table. If two rows have the same name, the first counts.
struct OptionRow {
  char letter = 0;         ///< 0: long name only
  std::string_view names;  ///< long names, separated by commas, the first is canonical ("query,socket"); may be empty
  /// Name of the value in usage texts; empty for a flag. In brackets ("[=lines]") the value is optional, and follows
  /// the long name after '='. It never consumes an operand, and the letter never has a value.
  std::string_view arg;
  /// An option of our own: excluded from the abbreviations and messages of the legacy tool.
  bool extension = false;
  /// Nonzero: rows with the same effect (either all with a value, or all without) may share an abbreviation, which
  /// selects the first in the table. This is getopt_long's rule for entries with the same `val`: netstat's families
  /// share one, so `--ine` is `--inet`; its two `--unix` do not, so `--un` is ambiguous.
  unsigned char effect = 0;
};

/// One option on the command line; `row` is its index in the table.
struct OptionEvent {
  std::size_t row;
  std::string value;
};

struct ParsedOptions {
  std::vector<OptionEvent> events;    ///< in command-line order, duplicates kept, up to the first error
  std::vector<std::string> operands;  ///< in order, up to the first error
  /// Empty, or what getopt_long would print after "PROGRAM: ", for example "invalid option -- 'Q'". All events before
  /// the mistake are in `events`: a front end acts on them first (`-V` before a bad option prints the version).
  std::string error;
  std::string meant = {};  ///< for an unrecognized long option: the most similar one, "--tcp"; may be ours
};

struct OptionRules {
  /// POSIXLY_CORRECT: the first operand ends the options.
  bool stop_at_operand = false;
};

/// True if the option's value is optional.
constexpr bool value_is_optional(std::string_view arg) { return arg.starts_with("[="); }

/// Splits `args` (without argv[0]) according to the table. Never throws for user input.
ParsedOptions parse_options(std::span<const OptionRow> table, std::span<const std::string> args,
                            OptionRules rules = {});

}  // namespace duostat
