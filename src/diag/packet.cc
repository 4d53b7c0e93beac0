// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/packet.h"

#include <memory>

#include "src/diag/attribute_table.h"

namespace duostat {
namespace {

/// A PacketDetail and the rings that it points to.
struct Slot {
  PacketDetail detail;
  PacketRing rx, tx;
};
static_assert(sizeof(PacketRing) == 28, "struct packet_diag_ring is read straight into it");

struct PacketTarget {
  Socket& socket;
  Slot& slot;
};

/// The interface is half of a packet socket's address, so this attribute is always requested.
bool info(Bytes value, PacketTarget& t) noexcept {
  uapi::PacketInfo received;
  if (!read_at(value, 0, received)) return false;
  t.socket.ifindex = t.socket.local.port = received.ifindex;
  t.slot.detail.version = received.version;
  t.slot.detail.copy_thresh = received.copy_thresh;
  t.slot.detail.flags = received.flags;
  t.socket.present |= {Field::interface, Field::packet_info};
  return true;
}

bool uid(Bytes value, PacketTarget& t) noexcept { return read_field(value, t.socket, Field::uid, t.socket.uid); }

bool rx_ring(Bytes value, PacketTarget& t) noexcept {
  if (!read_field(value, t.socket, Field::packet_rings, t.slot.rx)) return false;
  t.slot.detail.rx_ring = &t.slot.rx;
  return true;
}
bool tx_ring(Bytes value, PacketTarget& t) noexcept {
  if (!read_field(value, t.socket, Field::packet_rings, t.slot.tx)) return false;
  t.slot.detail.tx_ring = &t.slot.tx;
  return true;
}

bool fanout(Bytes value, PacketTarget& t) noexcept {
  t.slot.detail.has_fanout = read_field(value, t.socket, Field::packet_fanout, t.slot.detail.fanout);
  return t.slot.detail.has_fanout;
}

/// The queue in /proc/net/packet is the first memory word; there is no send queue.
bool memory(Bytes value, PacketTarget& t) noexcept {
  if (!read_skmem(value, t.socket, t.slot.detail.memory)) return false;
  t.socket.rqueue = t.slot.detail.memory.skmem[0];
  t.socket.present.add(Field::queues);
  return true;
}

/// Without CAP_NET_ADMIN the kernel sends an empty program, whether there is one or not (sock_diag_put_filterinfo()).
bool filter(Bytes value, PacketTarget& t) noexcept {
  t.slot.detail.filter = value;
  t.slot.detail.has_filter = true;
  t.socket.present.add(Field::packet_filter);
  return true;
}

bool unused(Bytes, PacketTarget&) noexcept { return true; }

constexpr AttributeRow<PacketTarget> kPacketRows[] = {
    {Field::packet_info, uapi::kPacketShowInfo, uapi::kPacketInfo, info, true},
    {Field::uid, uapi::kPacketShowInfo, uapi::kPacketUid, uid, true},
    {Field::packet_rings, uapi::kPacketShowRings, uapi::kPacketRxRing, rx_ring},
    {Field::packet_rings, uapi::kPacketShowRings, uapi::kPacketTxRing, tx_ring},
    {Field::packet_fanout, uapi::kPacketShowFanout, uapi::kPacketFanout, fanout},
    {Field::queues, uapi::kPacketShowMeminfo, uapi::kPacketMeminfo, memory},
    {Field::skmem, uapi::kPacketShowMeminfo, uapi::kPacketMeminfo, memory},
    {Field::drops, uapi::kPacketShowMeminfo, uapi::kPacketMeminfo, memory},
    {Field::packet_filter, uapi::kPacketShowFilter, uapi::kPacketFilter, filter},
    // Known but not shown by any view: multicast memberships.
    {Field::packet_info, 0, uapi::kPacketMulticast, unused},
};
constexpr FieldSet kPacketMessageFields{Field::inode, Field::cookie};

}  // namespace

Dump::Outcome dump_packet(Dump& dump, const Query& query) {
  const AttributeTable<PacketTarget> attributes(kPacketRows, query.wanted, Protocol::packet_raw, dump.replayed());
  const auto slots = std::make_unique<Slot[]>(Dump::kBatch);

  uapi::ShowRequest body{};
  body.family = static_cast<std::uint8_t>(Family::packet);
  body.show = attributes.ask() | uapi::kPacketShowInfo;
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, dump.next_sequence());
  request.put(body);

  return dump.run(request.bytes(), "packet", [&](Bytes payload, Socket& socket, std::size_t index) {
    uapi::PacketMessage message;
    if (!read_at(payload, 0, message)) return Dump::Decoded::malformed;
    Slot& slot = slots[index];
    slot = Slot{};
    socket.protocol = packet_protocol(message.type);
    socket.family = Family::packet;
    socket.type = message.type;
    socket.state = State::close;  // the message has no state
    socket.local.node = message.ethertype;
    socket.inode = message.inode;
    socket.cookie = uapi::cookie_of(message.cookie);
    socket.present = kPacketMessageFields;
    socket.packet = &slot.detail;
    PacketTarget target{socket, slot};
    attributes.decode(AttributeWalk(payload, sizeof message), target, dump.coverage());
    return Dump::Decoded::row;
  });
}

FieldSet packet_knows() {
  return kPacketMessageFields | FieldSet{Field::interface} | known_fields(kPacketRows, Protocol::packet_raw);
}

}  // namespace duostat
