// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/operands.h"

#include <vector>

#include "src/base/nearest.h"
#include "src/query/state_words.h"

namespace duostat::ss {
namespace {

struct StateKeyword {
  std::string_view word;
  bool excludes;
};
constexpr StateKeyword kStateKeywords[] = {{"state", false}, {"exclude", true}, {"excl", true}};

const StateKeyword* state_keyword(std::string_view word) {
  for (const StateKeyword& row : kStateKeywords)
    if (row.word == word) return &row;
  return nullptr;
}

std::string_view nearest_state(std::string_view word) {
  std::vector<std::string_view> words;
  for (const StateRow& row : kStateRows) words.push_back(row.word);
  for (const StateGroup& row : kStateGroups) words.push_back(row.word);
  return nearest(word, words);
}

bool has_family_of(const Request& request, ProtocolSet tables) {
  for (const FamilyRow& row : kFamilies)
    if (request.families.has(row.family) && row.tables.has_any(tables)) return true;
  return false;
}

}  // namespace

void take_state_words(std::span<const std::string>& words, Request& request) {
  bool first = true;
  while (!words.empty()) {
    const StateKeyword* keyword = state_keyword(words[0]);
    if (keyword == nullptr) return;
    if (words.size() == 1) {
      request.ending = Ending{255, "Command line is not complete. Try option \"help\""};
      return;
    }
    const auto states = states_of(words[1]);
    if (!states) {
      end(request, 255, "ss: wrong state name: " + words[1], Ending::Text::none, nearest_state(words[1]));
      return;
    }
    StateMask& mask = request.explicit_states;
    if (first) mask = keyword->excludes ? kAllStates : 0;
    mask = keyword->excludes ? mask & ~*states : mask | *states;
    first = false;
    words = words.subspan(2);
  }
}

void complete_choice(Request& request) {
  if (request.defaulting) {
    if (request.explicit_states == 0) request.explicit_states = kConnected;
    request.tables = kAllTables;
  }
  const ProtocolSet chosen = request.tables;
  FamilySet families = request.families;
  for (const ProtocolRow& table : kProtocols)
    if (chosen.has(table.protocol) && !has_family_of(request, {table.protocol})) families = families | table.families;
  request.families = families;
  for (const FamilyRow& row : kFamilies)
    if (families.has(row.family) && !row.tables.has_any(chosen)) request.tables = request.tables | row.tables;

  if (request.tables.empty()) {
    request.ending = Ending{0, "ss: no socket tables to show with such filter."};
  } else if (request.families.empty()) {
    request.ending = Ending{0, "ss: no families to show with such filter."};
  } else if (request.states() == 0) {
    request.ending = Ending{0, "ss: no socket states to show with such filter."};
  }
}

}  // namespace duostat::ss
