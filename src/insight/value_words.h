// The words that stand for values of a column: each value as users of ss and netstat know it. The words for states are
// in src/query/state_words.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/render/column.h"

namespace duostat {

/// The values of a column that a word stands for.
struct Meaning {
  std::vector<std::string_view> values;  ///< any of these
  std::string_view family = {};          ///< not empty: and column "family" has this value (netstat's "tcp6")
};

/// The meaning of `word` for a column with a fixed set of values (Column::words). Letter case does not count, and '-'
/// equals '_'. nullopt if it has none.
std::optional<Meaning> meaning_of(const Column& column, std::string_view word);

/// For messages: "\"listn\" is not a value of state; did you mean listen?".
std::string not_a_value(const Column& column, std::string_view word);

/// A column whose values are names of users.
bool is_user(const Column& column);
/// A column whose values are ports.
bool is_port(const Column& column);

}  // namespace duostat
