// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/netlink.h"

#include <memory>

#include "src/diag/attribute_table.h"
#include "src/diag/bit_fields.h"

namespace duostat {
namespace {

struct NetlinkTarget {
  Socket& socket;
  NetlinkDetail& detail;
};

/// The queues in /proc/net/netlink are two of the memory words.
bool memory(Bytes value, NetlinkTarget& t) noexcept {
  if (!read_skmem(value, t.socket, t.detail.memory)) return false;
  t.socket.rqueue = t.detail.memory.skmem[0];
  t.socket.wqueue = t.detail.memory.skmem[2];
  t.socket.present.add(Field::queues);
  return true;
}

/// A bitmap with one bit for each group of the protocol; procfs prints its first 32 bits. A 32-bit program assumes a
/// 32-bit kernel: the attribute does not tell.
bool groups(Bytes value, NetlinkTarget& t) noexcept {
  if (!read_groups(value, std::endian::native, sizeof(long), t.detail.groups)) return false;
  t.socket.present.add(Field::netlink_groups);
  return true;
}

bool unused(Bytes, NetlinkTarget&) noexcept { return true; }

constexpr AttributeRow<NetlinkTarget> kNetlinkRows[] = {
    {Field::queues, uapi::kNetlinkShowMeminfo, uapi::kNetlinkMeminfo, memory},
    {Field::skmem, uapi::kNetlinkShowMeminfo, uapi::kNetlinkMeminfo, memory},
    {Field::drops, uapi::kNetlinkShowMeminfo, uapi::kNetlinkMeminfo, memory},
    {Field::netlink_groups, uapi::kNetlinkShowGroups, uapi::kNetlinkGroups, groups},
    // Known but not shown by any view: mmap'ed rings (removed in Linux 4.6) and NDIAG_FLAG_ bits.
    {Field::netlink_groups, 0, uapi::kNetlinkRxRing, unused},
    {Field::netlink_groups, 0, uapi::kNetlinkTxRing, unused},
    {Field::netlink_groups, 0, uapi::kNetlinkFlags, unused},
};
constexpr FieldSet kNetlinkMessageFields{Field::inode, Field::cookie};
// quirk: netlink-message-cut - nothing is received here before the kernel has room for whole messages

}  // namespace

Dump::Outcome dump_netlink(Dump& dump, const Query& query) {
  const AttributeTable<NetlinkTarget> attributes(kNetlinkRows, query.wanted, Protocol::netlink, dump.replayed());
  const auto details = std::make_unique<NetlinkDetail[]>(Dump::kBatch);
  // The kernel sends no bitmap for a socket that never subscribed to a group: a requested but missing one means no
  // groups.
  const FieldSet answered = kNetlinkMessageFields | (query.wanted & FieldSet{Field::netlink_groups});

  uapi::ShowRequest body{};
  body.family = static_cast<std::uint8_t>(Family::netlink);
  body.protocol = uapi::kNetlinkAllProtocols;
  body.show = attributes.ask();
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, dump.next_sequence());
  request.put(body);

  return dump.run(request.bytes(), "netlink", [&](Bytes payload, Socket& socket, std::size_t slot) {
    uapi::NetlinkMessage message;
    if (!read_at(payload, 0, message)) return Dump::Decoded::malformed;
    NetlinkDetail& detail = details[slot];
    detail = NetlinkDetail{};
    detail.has_peer = true;
    socket.protocol = Protocol::netlink;
    socket.family = Family::netlink;
    socket.type = message.type;
    socket.state = static_cast<State>(message.state);
    socket.local.node = message.protocol;
    socket.local.port = message.port_id;
    socket.remote.port = message.destination_port_id;
    socket.remote.node = message.destination_group;
    socket.inode = message.inode;
    socket.cookie = uapi::cookie_of(message.cookie);
    socket.present = answered;
    socket.netlink = &detail;
    NetlinkTarget target{socket, detail};
    attributes.decode(AttributeWalk(payload, sizeof message), target, dump.coverage());
    return Dump::Decoded::row;
  });
}

FieldSet netlink_knows() { return kNetlinkMessageFields | known_fields(kNetlinkRows, Protocol::netlink); }

}  // namespace duostat
