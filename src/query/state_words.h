// The words for socket states: as ss prints them, and as its `state` and `exclude` take them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>

#include "src/model/state.h"

namespace duostat {

struct StateRow {
  State state;
  std::string_view printed;
  std::string_view word;  ///< selects the state; empty: no word does
};
/// The row of state N is row N.
inline constexpr StateRow kStateRows[] = {
    {State::unknown, "UNKNOWN", "unknown"},
    {State::established, "ESTAB", "established"},
    {State::syn_sent, "SYN-SENT", "syn-sent"},
    {State::syn_recv, "SYN-RECV", "syn-recv"},
    {State::fin_wait1, "FIN-WAIT-1", "fin-wait-1"},
    {State::fin_wait2, "FIN-WAIT-2", "fin-wait-2"},
    {State::time_wait, "TIME-WAIT", "time-wait"},
    {State::close, "UNCONN", "unconnected"},
    {State::close_wait, "CLOSE-WAIT", "close-wait"},
    {State::last_ack, "LAST-ACK", "last-ack"},
    {State::listen, "LISTEN", "listening"},
    {State::closing, "CLOSING", "closing"},
    {State::new_syn_recv, "UNDEF", ""},
    {State::bound_inactive, "UNDEF", "bound-inactive"},
};
static_assert([] {
  for (std::size_t i = 0; i < std::size(kStateRows); ++i)
    if (static_cast<std::size_t>(kStateRows[i].state) != i) return false;
  return true;
}());

/// A word for several states, or a second word for one.
struct StateGroup {
  std::string_view word;
  StateMask states;
  bool listed;  ///< explained in the usage text of ss
};
inline constexpr StateMask kConnectedGroup = kAllStates & ~mask_of(State::close, State::listen);
inline constexpr StateMask kBucketGroup = mask_of(State::syn_recv, State::time_wait);
inline constexpr StateGroup kStateGroups[] = {
    {"all", kAllStates, true},
    {"connected", kConnectedGroup, true},
    {"synchronized", kConnectedGroup & ~mask_of(State::syn_sent), true},
    {"bucket", kBucketGroup, true},
    {"big", kAllStates & ~kBucketGroup, true},
    {"close", mask_of(State::close), false},
    {"closed", mask_of(State::close), false},
    {"syn-rcv", mask_of(State::syn_recv), false},
};

/// The states that `word` selects, in upper or lower case; nullopt for an unknown word.
std::optional<StateMask> states_of(std::string_view word);

/// The word that ss prints. A number without a row prints as "UNDEF".
constexpr std::string_view state_word(State state) {
  const auto i = static_cast<std::size_t>(state);
  return i < std::size(kStateRows) ? kStateRows[i].printed : std::string_view("UNDEF");
}

}  // namespace duostat
