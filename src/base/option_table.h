// A table of options: one row each, with its effect in the row. The tokenizer and the usage text read the rows, and a
// test compares the manuals with the usage texts. No code lists or counts options elsewhere.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/options.h"

namespace duostat {

/// The columns of a row that do not depend on the request: what usage texts print.
struct OptionText {
  char letter;
  std::string_view names, arg, help, group;
  bool extension;
};

/// One option of a command whose command line is folded into a Request.
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

/// An effect: keeps the value in a member, a std::optional<std::string>.
template <class Request, auto member>
void keep_value(Request& request, std::string_view value) {
  request.*member = std::string(value);
}

template <class Request>
std::vector<OptionRow> rows_of(std::span<const Option<Request>> table) {
  std::vector<OptionRow> rows;
  rows.reserve(table.size());
  for (const auto& o : table) rows.push_back({o.letter, o.names, o.arg, o.extension, o.effect});
  return rows;
}

/// The same from texts.
inline std::vector<OptionRow> rows_of(std::span<const OptionText> texts) {
  std::vector<OptionRow> rows;
  rows.reserve(texts.size());
  for (const OptionText& t : texts) rows.push_back({t.letter, t.names, t.arg, t.extension, 0});
  return rows;
}

template <class Request>
std::vector<OptionText> texts_of(std::span<const Option<Request>> table) {
  std::vector<OptionText> texts;
  texts.reserve(table.size());
  for (const auto& o : table) texts.push_back({o.letter, o.names, o.arg, o.help, o.group, o.extension});
  return texts;
}

/// One table of the rows of several, in that order.
template <class Request, std::size_t... N>
constexpr auto join_rows(const std::array<Option<Request>, N>&... parts) {
  std::array<Option<Request>, (N + ...)> all{};
  auto end = all.begin();
  const auto append = [&](const auto& part) {
    for (const Option<Request>& row : part) *end++ = row;
  };
  (append(parts), ...);
  return all;
}

/// Tables assert this: Boost reports two rows with one letter only when a user types it.
template <class Table>
constexpr bool letters_unique(const Table& table) {
  for (std::size_t i = 0; i < std::size(table); ++i)
    for (std::size_t k = i + 1; k < std::size(table); ++k)
      if (table[i].letter != 0 && table[i].letter == table[k].letter) return false;
  return true;
}

/// The option part of a usage text: for each group its heading, then one line for each option. Rows of a group may be
/// apart in the table, which keeps the order of the legacy tool's long options; their lines are printed together.
std::string option_lines(std::span<const OptionText> options);

}  // namespace duostat
