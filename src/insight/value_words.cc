// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/insight/value_words.h"

#include <algorithm>
#include <utility>

#include "src/base/nearest.h"
#include "src/query/state_words.h"

namespace duostat {
namespace {

/// A word of ss, netstat or their options for a value of a column.
struct Synonym {
  std::string_view column;  ///< last part of the id
  std::string_view word;    ///< lower case, with '_'
  std::string_view means;   ///< values, separated by commas; applies if the column has the first
  std::string_view family = {};
};
constexpr Synonym kSynonyms[] = {
    {"state", "closed", "close,closed"},  // of ss, and of an SCTP association
    {"state", "connecting", "syn_sent"},  // netstat's words for UNIX sockets
    {"state", "disconnecting", "closing"},
    {"timer", "on", "retransmit"},
    {"timer", "timewait", "time_wait"},
    {"timer", "persist", "probe0"},
    {"timer", "probe", "probe0"},
    {"family", "ipv4", "inet"},
    {"family", "ip4", "inet"},
    {"family", "ip", "inet"},
    {"family", "tcpip", "inet"},
    {"family", "ipv6", "inet6"},
    {"family", "ip6", "inet6"},
    {"family", "link", "packet"},
    {"protocol", "tcp6", "tcp", "inet6"},
    {"protocol", "udp6", "udp", "inet6"},
    {"protocol", "udpl", "udplite"},
    {"protocol", "udpl6", "udplite", "inet6"},
    {"protocol", "raw6", "raw", "inet6"},
    {"protocol", "icmp6", "icmp", "inet6"},
    {"protocol", "unix", "unix_stream,unix_dgram,unix_seqpacket"},
    {"protocol", "u_str", "unix_stream"},
    {"protocol", "u_dgr", "unix_dgram"},
    {"protocol", "u_seq", "unix_seqpacket"},
    {"protocol", "packet", "packet_raw,packet_dgram"},
    {"protocol", "p_raw", "packet_raw"},
    {"protocol", "p_dgr", "packet_dgram"},
    {"protocol", "nl", "netlink"},
    {"protocol", "vsock", "vsock_stream,vsock_dgram"},
    {"protocol", "v_str", "vsock_stream"},
    {"protocol", "v_dgr", "vsock_dgram"},
    {"protocol", "inet", "tcp,udp,udplite,raw,icmp,dccp,sctp,mptcp"},
};

/// A printed word that is not taken, and why.
struct Refused {
  std::string_view column, word, why;
  bool this_case = false;  ///< in other letters the word has a meaning
};
constexpr std::string_view kUnknown = "sockets in an unknown state have none: not state";
constexpr Refused kRefused[] = {
    {"state", "CONNECTED",
     "netstat prints it for UNIX sockets that are established, and ss's group connected has more states; did you mean "
     "established?",
     true},
    {"state", "FREE", kUnknown},
    {"state", "UNDEF", kUnknown},
    {"state", "UNKNOWN", kUnknown},
};

/// The states of an SCTP association, and the state that decides to which groups of ss they belong.
struct AssociationState {
  std::string_view value;
  State like;
};
constexpr AssociationState kAssociationStates[] = {
    {"closed", State::close},
    {"cookie_wait", State::syn_sent},
    {"cookie_echoed", State::syn_sent},
    {"shutdown_pending", State::fin_wait1},
    {"shutdown_sent", State::fin_wait1},
    {"shutdown_received", State::close_wait},
    {"shutdown_ack_sent", State::last_ack},
};

constexpr char plain(char c) { return c == '-' ? '_' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool same(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, plain, plain); }

bool has_value(const Column& column, std::string_view value) {
  return std::ranges::find(column.words, value) != column.words.end();
}

/// The values of `column` for a set of states. A group of ss also contains states of SCTP associations.
Meaning of_states(const Column& column, StateMask states) {
  Meaning meaning;
  const auto add = [&](std::string_view value) {
    if (!value.empty() && has_value(column, value)) meaning.values.push_back(value);
  };
  for (const StateRow& row : kStateRows)
    if (in_mask(states, row.state)) add(state_value(row.state));
  if (meaning.values.size() > 1)
    for (const AssociationState& row : kAssociationStates)
      if (in_mask(states, row.like)) add(row.value);
  return meaning;
}

std::optional<Meaning> meaning_of_state(const Column& column, std::string_view word) {
  for (const StateRow& row : kStateRows)
    if (same(row.printed, word) || same(row.word, word))
      if (Meaning meaning = of_states(column, mask_of(row.state)); !meaning.values.empty()) return meaning;
  for (const StateGroup& row : kStateGroups)
    if (same(row.word, word))
      if (Meaning meaning = of_states(column, row.states); !meaning.values.empty()) return meaning;
  return std::nullopt;
}

std::optional<Meaning> meaning_of_synonym(const Column& column, std::string_view word) {
  for (const Synonym& row : kSynonyms) {
    if (row.column != column.key() || !same(row.word, word)) continue;
    Meaning meaning{{}, row.family};
    for (std::string_view rest = row.means; !rest.empty();) {
      const auto comma = rest.find(',');
      if (has_value(column, rest.substr(0, comma))) meaning.values.push_back(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    }
    if (!meaning.values.empty()) return meaning;
  }
  return std::nullopt;
}

bool is_refused(const Column& column, const Refused& row, std::string_view word) {
  if (row.column != column.key() || column.words.empty()) return false;
  return row.this_case ? word == row.word : same(word, row.word);
}

constexpr std::string_view kState = "state";

}  // namespace

std::optional<Meaning> meaning_of(const Column& column, std::string_view word) {
  if (column.words.empty()) return std::nullopt;
  for (const Refused& row : kRefused)
    if (is_refused(column, row, word)) return std::nullopt;
  if (auto meaning = meaning_of_synonym(column, word)) return meaning;
  for (const std::string_view value : column.words)
    if (!value.empty() && same(value, word)) return Meaning{{value}};
  if (column.key() == kState) return meaning_of_state(column, word);
  return std::nullopt;
}

std::string not_a_value(const Column& column, std::string_view word) {
  std::string text = "\"" + std::string(word) + "\" is not a value of " + std::string(column.id);
  for (const Refused& row : kRefused)
    if (is_refused(column, row, word)) return text.append("; ").append(row.why);
  std::vector<std::string_view> words(column.words.begin(), column.words.end());
  for (const Synonym& row : kSynonyms)
    if (row.column == column.key() && meaning_of(column, row.word)) words.push_back(row.word);
  if (column.key() == kState)
    for (const StateGroup& row : kStateGroups)
      if (meaning_of(column, row.word)) words.push_back(row.word);
  if (const std::string meant = did_you_mean(word, words); !meant.empty()) return text + meant;
  std::string_view before = "; these are: ";
  for (const std::string_view value : column.words) {
    if (!value.empty()) text.append(std::exchange(before, ", ")).append(value);
  }
  return text;
}

bool is_user(const Column& column) {
  const std::string_view key = column.key();
  return column.unit == Unit::text && (key == "user" || key == "process_user");
}

bool is_port(const Column& column) { return column.unit != Unit::text && column.id.ends_with("_port"); }

}  // namespace duostat
