// What ss lets people choose from: tables, families, states. One constant table each.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <iterator>
#include <optional>
#include <string_view>

#include "src/model/protocol.h"
#include "src/model/state.h"

namespace duostat::ss {

/// "Connected": what is shown when nobody said which states. Contains the bound-inactive bit, as in the original.
inline constexpr StateMask kConnected =
    kAllStates & ~mask_of(State::listen, State::close, State::time_wait, State::syn_recv);

inline constexpr StateMask kEstablishedOnly = mask_of(State::established);
inline constexpr StateMask kCloseOnly = mask_of(State::close);
inline constexpr StateMask kTipcStates = mask_of(State::established, State::listen, State::close);

/// The states that choosing a table adds to those shown.
struct TableStates {
  Protocol table;
  StateMask states;
};
inline constexpr TableStates kTableStates[] = {
    {Protocol::tcp, kConnected},           {Protocol::udp, kEstablishedOnly},
    {Protocol::raw, kEstablishedOnly},     {Protocol::dccp, kConnected},
    {Protocol::sctp, kConnected},          {Protocol::mptcp, kConnected},
    {Protocol::unix_stream, kConnected},   {Protocol::unix_dgram, kCloseOnly},
    {Protocol::unix_seqpacket, kConnected}, {Protocol::packet_raw, kCloseOnly},
    {Protocol::packet_dgram, kCloseOnly},  {Protocol::netlink, kCloseOnly},
    {Protocol::vsock_stream, kConnected},  {Protocol::vsock_dgram, kConnected},
    {Protocol::tipc, kTipcStates},         {Protocol::xdp, kCloseOnly},
};

inline constexpr ProtocolSet kInetTables{Protocol::tcp,  Protocol::mptcp, Protocol::udp,
                                         Protocol::dccp, Protocol::sctp,  Protocol::raw};
inline constexpr ProtocolSet kNetlinkTable{Protocol::netlink};
inline constexpr ProtocolSet kTipcTable{Protocol::tipc};
inline constexpr ProtocolSet kXdpTable{Protocol::xdp};
/// What -A all stands for; tipc is not in it.
inline constexpr ProtocolSet kAllTables =
    kInetTables | kUnixProtocols | kPacketProtocols | kVsockProtocols | kNetlinkTable | kXdpTable;

/// A family as -f names it: its tables, and the states that choosing it adds.
struct FamilyRow {
  Family family;
  std::string_view word;
  ProtocolSet tables;
  StateMask states;
};
inline constexpr FamilyRow kFamilies[] = {
    {Family::inet, "inet", kInetTables, kConnected},
    {Family::inet6, "inet6", kInetTables, kConnected},
    {Family::packet, "link", kPacketProtocols, kCloseOnly},
    {Family::unix_domain, "unix", kUnixProtocols, kConnected},
    {Family::netlink, "netlink", kNetlinkTable, kCloseOnly},
    {Family::vsock, "vsock", kVsockProtocols, kConnected},
    {Family::tipc, "tipc", kTipcTable, kTipcStates},
    {Family::xdp, "xdp", kXdpTable, kCloseOnly},
};

/// A word of -A. `listed` ones are named in the usage text.
struct QueryWord {
  std::string_view word;
  ProtocolSet tables;
  bool listed;
};
inline constexpr QueryWord kQueryWords[] = {
    {"all", kAllTables, true},
    {"inet", kInetTables, true},
    {"tcp", {Protocol::tcp}, true},
    {"mptcp", {Protocol::mptcp}, true},
    {"udp", {Protocol::udp}, true},
    {"raw", {Protocol::raw}, true},
    {"unix", kUnixProtocols, true},
    {"unix_dgram", {Protocol::unix_dgram}, true},
    {"unix_stream", {Protocol::unix_stream}, true},
    {"unix_seqpacket", {Protocol::unix_seqpacket}, true},
    {"packet", kPacketProtocols, true},
    {"packet_raw", {Protocol::packet_raw}, true},
    {"packet_dgram", {Protocol::packet_dgram}, true},
    {"netlink", kNetlinkTable, true},
    {"dccp", {Protocol::dccp}, true},
    {"sctp", {Protocol::sctp}, true},
    {"vsock", kVsockProtocols, true},
    {"vsock_stream", {Protocol::vsock_stream}, true},
    {"vsock_dgram", {Protocol::vsock_dgram}, true},
    {"tipc", kTipcTable, true},
    {"xdp", kXdpTable, true},
    {"u_str", {Protocol::unix_stream}, false},
    {"u_dgr", {Protocol::unix_dgram}, false},
    {"u_seq", {Protocol::unix_seqpacket}, false},
    {"p_raw", {Protocol::packet_raw}, false},
    {"p_dgr", {Protocol::packet_dgram}, false},
    {"v_str", {Protocol::vsock_stream}, false},
    {"v_dgr", {Protocol::vsock_dgram}, false},
};

/// Names of a state: as printed, and as state/exclude take it.
struct StateRow {
  State state;
  std::string_view printed;
  std::string_view word;  ///< empty: cannot be asked for
};
inline constexpr StateRow kStates[] = {
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
  for (std::size_t i = 0; i < std::size(kStates); ++i)
    if (static_cast<std::size_t>(kStates[i].state) != i) return false;
  return true;
}());

/// Words for groups of states, and other names of single ones.
struct StateGroup {
  std::string_view word;
  StateMask states;
  bool listed;  ///< explained in the usage text
};
inline constexpr StateMask kConnectedGroup = kAllStates & ~mask_of(State::close, State::listen);
inline constexpr StateMask kBucketGroup = mask_of(State::syn_recv, State::time_wait);
inline constexpr StateGroup kStateGroups[] = {
    {"all", kAllStates, true},
    {"connected", kConnectedGroup, true},
    {"synchronized", kConnectedGroup & ~mask_of(State::syn_sent), true},
    {"bucket", kBucketGroup, true},
    {"big", kAllStates & ~kBucketGroup, true},
    {"close", kCloseOnly, false},
    {"closed", kCloseOnly, false},
    {"syn-rcv", mask_of(State::syn_recv), false},
};

constexpr StateMask default_states(Protocol table) {
  for (const TableStates& row : kTableStates)
    if (row.table == table) return row.states;
  return 0;
}

/// The row of a family or nullptr.
constexpr const FamilyRow* family_row(Family family) {
  for (const FamilyRow& row : kFamilies)
    if (row.family == family) return &row;
  return nullptr;
}
constexpr const FamilyRow* family_row(std::string_view word) {
  for (const FamilyRow& row : kFamilies)
    if (row.word == word) return &row;
  return nullptr;
}

/// The tables of a word of -A; nothing for another word.
constexpr std::optional<ProtocolSet> tables_of(std::string_view word) {
  for (const QueryWord& row : kQueryWords)
    if (row.word == word) return row.tables;
  return std::nullopt;
}

/// The states of a word of state/exclude, whatever its case; nothing for another word.
std::optional<StateMask> states_of(std::string_view word);

/// The word printed for a state, also for numbers that have no row.
constexpr std::string_view state_word(State state) {
  const auto i = static_cast<std::size_t>(state);
  return i < std::size(kStates) ? kStates[i].printed : std::string_view("UNDEF");
}

}  // namespace duostat::ss
