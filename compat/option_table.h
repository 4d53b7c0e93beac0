// A front end's options: one row each, with what it does in the row. The tokenizer, the usage text, the manual, the shell
// completions and the tests all read these rows; nothing counts or lists options elsewhere.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/options.h"

namespace duostat {

/// What usage texts, the manual and completions need of a row.
struct OptionText {
  char letter;
  std::string_view names, arg, help, group;
  bool extension;
};

/// One option of a front end whose requests are of type Request.
template <class Request>
struct Option {
  char letter;             ///< 0: long name only
  std::string_view names;  ///< long names, comma separated; the first is canonical; may be empty
  std::string_view arg;    ///< name of the value in usage texts; empty for a flag; "[=NAME]": see OptionRow::arg
  std::string_view help;   ///< one line
  /// Called at the option's place on the command line, in order. `value` is empty for a flag.
  void (*apply)(Request&, std::string_view value);
  std::string_view group = {};  ///< heading in the usage text; empty: that of the row above
  bool extension = false;       ///< ours: see OptionRow::extension
  unsigned char effect = 0;     ///< see OptionRow::effect
};

template <class Request>
std::vector<OptionRow> rows_of(std::span<const Option<Request>> table) {
  std::vector<OptionRow> rows;
  rows.reserve(table.size());
  for (const auto& o : table) rows.push_back({o.letter, o.names, o.arg, o.extension, o.effect});
  return rows;
}

template <class Request>
std::vector<OptionText> texts_of(std::span<const Option<Request>> table) {
  std::vector<OptionText> texts;
  texts.reserve(table.size());
  for (const auto& o : table) texts.push_back({o.letter, o.names, o.arg, o.help, o.group, o.extension});
  return texts;
}

/// Boost notices two rows with one letter only when a user types it, so tables assert this.
template <class Request, std::size_t N>
constexpr bool letters_unique(const Option<Request> (&table)[N]) {
  for (std::size_t i = 0; i < N; ++i)
    for (std::size_t k = i + 1; k < N; ++k)
      if (table[i].letter != 0 && table[i].letter == table[k].letter) return false;
  return true;
}

/// The option part of a usage text: for each group its heading, then a line an option with all its names. A group may be
/// named again further down: its lines come together, while the table keeps the order of the legacy tool's long options.
std::string option_lines(std::span<const OptionText> options);

}  // namespace duostat
