// What a shell can complete: the programs, their options, and the values of these, all from their rows.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/collect/environment.h"

namespace duostat::native {

/// Where the values of an option, or operands, come from.
enum class ValueKind : std::uint8_t { none, words, list, keys, files, namespaces };

struct Values {
  ValueKind kind = ValueKind::none;  ///< list: words separated by commas; keys: - may stand before each
  std::vector<std::string> words;
  bool operator==(const Values&) const = default;
};

struct CompletedOption {
  char letter;                     ///< 0: none
  std::vector<std::string> names;  ///< long names, without dashes
  bool takes_value, optional;      ///< optional: only after '='
  Values values;
  std::string help;
};

/// A front end or a command of ours.
struct CompletedProgram {
  std::string name;  ///< "ss", "listen"; "duostat" for the options before a command
  std::vector<CompletedOption> options;
  Values operands;
  Values second_operand;    ///< what follows a word of `operands`
  bool has_filter = false;  ///< operands are states and a filter of ss
};

/// duostat itself comes first; its operands are the commands.
std::vector<CompletedProgram> completed_programs(Environment& env);

/// Words that filters of ss begin with, and all words of states.
std::vector<std::string> filter_words();
std::vector<std::string> state_words();

/// The words with blanks between them.
std::string joined(const std::vector<std::string>& words);

/// The script for a shell. `names`: under which names duostat, ss and netstat are called; empty: not completed.
struct CalledAs {
  std::string_view duostat, ss, netstat;
};
struct Shell {
  std::string_view name;
  std::string (*script)(const std::vector<CompletedProgram>& programs, const CalledAs& names);
};
std::string bash_script(const std::vector<CompletedProgram>& programs, const CalledAs& names);
std::string zsh_script(const std::vector<CompletedProgram>& programs, const CalledAs& names);
std::string fish_script(const std::vector<CompletedProgram>& programs, const CalledAs& names);
inline constexpr Shell kShells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};

}  // namespace duostat::native
