// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/tipc.h"

#include <memory>

#include "src/diag/attribute_table.h"

namespace duostat {
namespace {

struct TipcTarget {
  Socket& socket;
  TipcDetail& detail;
  Coverage& coverage;
  bool listed = false;  ///< the message had a TIPC_NLA_SOCK
};
using TipcRow = AttributeRow<TipcTarget>;

/// Decodes nested attributes with their own rows.
template <std::size_t N>
bool nested(Bytes value, const TipcRow (&rows)[N], TipcTarget& t) noexcept {
  AttributeTable<TipcTarget>(rows, {}, Protocol::tipc, true).decode(AttributeWalk(value), t, t.coverage);
  return true;
}

template <std::uint32_t Endpoint::*Part>
bool local(Bytes value, TipcTarget& t) noexcept {
  return read_at(value, 0, t.socket.local.*Part);
}
template <std::uint32_t Endpoint::*Part>
bool remote(Bytes value, TipcTarget& t) noexcept {
  return read_at(value, 0, t.socket.remote.*Part);
}
template <std::uint32_t TipcDetail::*Member>
bool detail(Bytes value, TipcTarget& t) noexcept {
  return read_at(value, 0, t.detail.*Member);
}
template <bool TipcDetail::*Member>
bool flag(Bytes, TipcTarget& t) noexcept {
  return t.detail.*Member = true;
}
template <std::uint32_t Socket::*Member, Field field>
bool common(Bytes value, TipcTarget& t) noexcept {
  return read_field(value, t.socket, field, t.socket.*Member);
}
bool unused(Bytes, TipcTarget&) noexcept { return true; }

bool inode(Bytes value, TipcTarget& t) noexcept {
  std::uint32_t number;
  if (!read_at(value, 0, number)) return false;
  t.socket.inode = number;
  t.socket.present.add(Field::inode);
  return true;
}
bool state(Bytes value, TipcTarget& t) noexcept {
  std::uint32_t number;
  if (!read_at(value, 0, number)) return false;
  t.socket.state = static_cast<State>(number);
  return true;
}
bool cookie(Bytes value, TipcTarget& t) noexcept { return read_field(value, t.socket, Field::cookie, t.socket.cookie); }

using T = TipcDetail;

constexpr TipcRow kConnectionRows[] = {
    {Field::tipc_info, 0, uapi::kTipcConnectionVia, flag<&T::has_via>},
    {Field::tipc_info, 0, uapi::kTipcConnectionNode, remote<&Endpoint::node>},
    {Field::tipc_info, 0, uapi::kTipcConnectionSock, remote<&Endpoint::port>},
    {Field::tipc_info, 0, uapi::kTipcConnectionType, detail<&T::via_type>},
    {Field::tipc_info, 0, uapi::kTipcConnectionInstance, detail<&T::via_instance>},
};
bool connection(Bytes value, TipcTarget& t) noexcept {
  t.detail.has_connection = true;
  return nested(value, kConnectionRows, t);
}

constexpr TipcRow kStatisticsRows[] = {
    {Field::tipc_info, 0, uapi::kTipcReceiveQueue, common<&Socket::rqueue, Field::queues>},
    {Field::tipc_info, 0, uapi::kTipcSendQueue, common<&Socket::wqueue, Field::queues>},
    {Field::tipc_info, 0, uapi::kTipcLinkCongested, flag<&T::link_congested>},
    {Field::tipc_info, 0, uapi::kTipcConnectionCongested, flag<&T::conn_congested>},
    {Field::tipc_info, 0, uapi::kTipcDrop, detail<&T::drop>},
};
bool statistics(Bytes value, TipcTarget& t) noexcept { return nested(value, kStatisticsRows, t); }

constexpr TipcRow kSockRows[] = {
    {Field::tipc_info, 0, uapi::kTipcAddress, local<&Endpoint::node>},
    {Field::tipc_info, 0, uapi::kTipcRef, local<&Endpoint::port>},
    {Field::tipc_info, 0, uapi::kTipcConnection, connection},
    {Field::tipc_info, 0, uapi::kTipcHasPublication, flag<&T::has_publication>},
    {Field::tipc_info, 0, uapi::kTipcStatistics, statistics},
    {Field::tipc_info, 0, uapi::kTipcType, detail<&T::type>},
    {Field::tipc_info, 0, uapi::kTipcInode, inode},
    {Field::tipc_info, 0, uapi::kTipcUid, common<&Socket::uid, Field::uid>},
    {Field::tipc_info, 0, uapi::kTipcState, state},
    {Field::tipc_info, 0, uapi::kTipcCookie, cookie},
    {Field::tipc_info, 0, uapi::kTipcPad, unused},
    {Field::tipc_info, 0, uapi::kTipcGroup, unused},
};
bool sock(Bytes value, TipcTarget& t) noexcept {
  t.listed = true;
  return nested(value, kSockRows, t);
}

constexpr TipcRow kTipcRows[] = {{Field::tipc_info, 0, uapi::kTipcSock, sock}};

}  // namespace

Dump::Outcome dump_tipc(Dump& dump, const Query& query) {
  const AttributeTable<TipcTarget> attributes(kTipcRows, query.wanted, Protocol::tipc, true);
  const auto details = std::make_unique<TipcDetail[]>(Dump::kBatch);

  uapi::TipcRequest body{};
  body.family = static_cast<std::uint8_t>(Family::tipc);
  body.states = query.states;
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, dump.next_sequence());
  request.put(body);

  return dump.run(request.bytes(), "tipc", [&](Bytes payload, Socket& socket, std::size_t slot) {
    TipcDetail& detail = details[slot];
    detail = TipcDetail{};
    socket.protocol = Protocol::tipc;
    socket.family = Family::tipc;
    socket.present = {Field::tipc_info};
    socket.tipc = &detail;
    TipcTarget target{socket, detail, dump.coverage()};
    attributes.decode(AttributeWalk(payload), target, dump.coverage());
    // For a socket in a state that was not requested the kernel sends an empty message (tipc_sk_fill_sock_diag()).
    if (!target.listed) return Dump::Decoded::skipped;
    socket.type = static_cast<std::uint8_t>(detail.type);
    return Dump::Decoded::row;
  });
}

FieldSet tipc_knows() {
  return {Field::queues, Field::uid, Field::inode, Field::cookie, Field::tipc_info};
}

}  // namespace duostat
