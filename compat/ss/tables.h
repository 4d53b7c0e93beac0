// The tables and families that options of ss select, and the states that each of them adds. The words for states are in
// src/query/state_words.h.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string_view>

#include "src/model/protocol.h"
#include "src/model/state.h"

namespace duostat::ss {

/// "Connected": the default. Contains the bound-inactive bit, as in the original.
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

}  // namespace duostat::ss
