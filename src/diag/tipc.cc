// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/tipc.h"

#include <memory>

#include "src/diag/attribute_table.h"

namespace duostat {
namespace {

struct Target {
  Socket& socket;
  TipcDetail& detail;
  Coverage& coverage;
  bool listed = false;  ///< the message had a TIPC_NLA_SOCK
};
using Row = AttributeRow<Target>;

/// Decodes nested attributes with their own rows.
template <std::size_t N>
bool nested(Bytes value, const Row (&rows)[N], Target& t) noexcept {
  AttributeTable<Target>(rows, {}, Protocol::tipc, true).decode(AttributeWalk(value), t, t.coverage);
  return true;
}

template <std::uint32_t Endpoint::*Part>
bool local(Bytes value, Target& t) noexcept { return read_at(value, 0, t.socket.local.*Part); }
template <std::uint32_t Endpoint::*Part>
bool remote(Bytes value, Target& t) noexcept { return read_at(value, 0, t.socket.remote.*Part); }
template <std::uint32_t TipcDetail::*Member>
bool detail(Bytes value, Target& t) noexcept { return read_at(value, 0, t.detail.*Member); }
template <bool TipcDetail::*Member>
bool flag(Bytes, Target& t) noexcept { return t.detail.*Member = true; }
template <std::uint32_t Socket::*Member, Field field>
bool common(Bytes value, Target& t) noexcept { return read_field(value, t.socket, field, t.socket.*Member); }
bool unused(Bytes, Target&) noexcept { return true; }

bool inode(Bytes value, Target& t) noexcept {
  std::uint32_t number;
  if (!read_at(value, 0, number)) return false;
  t.socket.inode = number;
  t.socket.present.add(Field::inode);
  return true;
}
bool state(Bytes value, Target& t) noexcept {
  std::uint32_t number;
  if (!read_at(value, 0, number)) return false;
  t.socket.state = static_cast<State>(number);
  return true;
}
bool cookie(Bytes value, Target& t) noexcept { return read_field(value, t.socket, Field::cookie, t.socket.cookie); }

using T = TipcDetail;
constexpr Field kInfo = Field::tipc_info;

constexpr Row kConnectionRows[] = {
    {kInfo, 0, uapi::kTipcConnectionVia, flag<&T::has_via>},
    {kInfo, 0, uapi::kTipcConnectionNode, remote<&Endpoint::node>},
    {kInfo, 0, uapi::kTipcConnectionSock, remote<&Endpoint::port>},
    {kInfo, 0, uapi::kTipcConnectionType, detail<&T::via_type>},
    {kInfo, 0, uapi::kTipcConnectionInstance, detail<&T::via_instance>},
};
bool connection(Bytes value, Target& t) noexcept {
  t.detail.has_connection = true;
  return nested(value, kConnectionRows, t);
}

constexpr Row kStatisticsRows[] = {
    {kInfo, 0, uapi::kTipcReceiveQueue, common<&Socket::rqueue, Field::queues>},
    {kInfo, 0, uapi::kTipcSendQueue, common<&Socket::wqueue, Field::queues>},
    {kInfo, 0, uapi::kTipcLinkCongested, flag<&T::link_congested>},
    {kInfo, 0, uapi::kTipcConnectionCongested, flag<&T::conn_congested>},
    {kInfo, 0, uapi::kTipcDrop, detail<&T::drop>},
};
bool statistics(Bytes value, Target& t) noexcept { return nested(value, kStatisticsRows, t); }

constexpr Row kSockRows[] = {
    {kInfo, 0, uapi::kTipcAddress, local<&Endpoint::node>},
    {kInfo, 0, uapi::kTipcRef, local<&Endpoint::port>},
    {kInfo, 0, uapi::kTipcConnection, connection},
    {kInfo, 0, uapi::kTipcHasPublication, flag<&T::has_publication>},
    {kInfo, 0, uapi::kTipcStatistics, statistics},
    {kInfo, 0, uapi::kTipcType, detail<&T::type>},
    {kInfo, 0, uapi::kTipcInode, inode},
    {kInfo, 0, uapi::kTipcUid, common<&Socket::uid, Field::uid>},
    {kInfo, 0, uapi::kTipcState, state},
    {kInfo, 0, uapi::kTipcCookie, cookie},
    {kInfo, 0, uapi::kTipcPad, unused},
    {kInfo, 0, uapi::kTipcGroup, unused},
};
bool sock(Bytes value, Target& t) noexcept {
  t.listed = true;
  return nested(value, kSockRows, t);
}

constexpr Row kRows[] = {{kInfo, 0, uapi::kTipcSock, sock}};

}  // namespace

Dump::Outcome dump_tipc(Dump& dump, const Query& query) {
  const AttributeTable<Target> attributes(kRows, query.wanted, Protocol::tipc, true);
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
    Target target{socket, detail, dump.coverage()};
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
