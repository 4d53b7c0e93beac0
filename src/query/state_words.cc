// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/query/state_words.h"

namespace duostat {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view typed, std::string_view word) {
  if (word.empty() || typed.size() != word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i)
    if (lower(typed[i]) != word[i]) return false;
  return true;
}

}  // namespace

std::optional<StateMask> states_of(std::string_view word) {
  for (const StateRow& row : kStateRows)
    if (same_word(word, row.word)) return mask_of(row.state);
  for (const StateGroup& row : kStateGroups)
    if (same_word(word, row.word)) return row.states;
  return std::nullopt;
}

}  // namespace duostat
