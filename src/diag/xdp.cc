// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/xdp.h"

#include <memory>

#include "src/diag/attribute_table.h"

namespace duostat {
namespace {

struct XdpTarget {
  Socket& socket;
  XdpDetail& detail;
};

/// Device and queue are the socket's address, so this attribute is always requested.
bool info(Bytes value, XdpTarget& t) noexcept {
  uapi::XdpInfo received;
  if (!read_at(value, 0, received)) return false;
  t.socket.ifindex = received.ifindex;
  t.socket.local.port = received.queue_id;
  t.socket.present.add(Field::interface);
  return true;
}

bool uid(Bytes value, XdpTarget& t) noexcept { return read_field(value, t.socket, Field::uid, t.socket.uid); }

template <bool XdpDetail::*Has, std::uint32_t XdpDetail::*Entries>
bool ring(Bytes value, XdpTarget& t) noexcept {
  return t.detail.*Has = read_field(value, t.socket, Field::xdp_info, t.detail.*Entries);
}

bool umem(Bytes value, XdpTarget& t) noexcept {
  uapi::XdpUmem u;
  if (!read_field(value, t.socket, Field::xdp_info, u)) return false;
  t.detail.umem = {u.size, u.id, u.num_pages, u.chunk_size, u.headroom, u.ifindex, u.queue_id, u.flags, u.refs};
  return t.detail.has_umem = true;
}

bool stats(Bytes value, XdpTarget& t) noexcept {
  uapi::XdpStats s;
  if (!read_field(value, t.socket, Field::xdp_info, s)) return false;
  t.detail.stats = {s.rx_dropped, s.rx_invalid, s.rx_full, s.fill_empty, s.tx_invalid, s.tx_empty};
  return t.detail.has_stats = true;
}

/// The only queue of an XDP socket is the bytes that wait to be read.
bool memory(Bytes value, XdpTarget& t) noexcept {
  if (!read_skmem(value, t.socket, t.detail.memory)) return false;
  t.socket.rqueue = t.detail.memory.skmem[0];
  t.socket.present.add(Field::queues);
  return true;
}

constexpr AttributeRow<XdpTarget> kXdpRows[] = {
    {Field::interface, uapi::kXdpShowInfo, uapi::kXdpInfo, info, true},
    {Field::uid, uapi::kXdpShowInfo, uapi::kXdpUid, uid, true},
    {Field::xdp_info, uapi::kXdpShowRings, uapi::kXdpRxRing, ring<&XdpDetail::has_rx, &XdpDetail::rx_entries>},
    {Field::xdp_info, uapi::kXdpShowRings, uapi::kXdpTxRing, ring<&XdpDetail::has_tx, &XdpDetail::tx_entries>},
    {Field::xdp_info, uapi::kXdpShowUmem, uapi::kXdpUmem, umem},
    {Field::xdp_info, uapi::kXdpShowUmem, uapi::kXdpFillRing, ring<&XdpDetail::has_fill, &XdpDetail::fill_entries>},
    {Field::xdp_info, uapi::kXdpShowUmem, uapi::kXdpCompletionRing,
     ring<&XdpDetail::has_completion, &XdpDetail::completion_entries>},
    {Field::queues, uapi::kXdpShowMeminfo, uapi::kXdpMeminfo, memory},
    {Field::skmem, uapi::kXdpShowMeminfo, uapi::kXdpMeminfo, memory},
    {Field::drops, uapi::kXdpShowMeminfo, uapi::kXdpMeminfo, memory},
    {Field::xdp_info, uapi::kXdpShowStats, uapi::kXdpStats, stats},
};
constexpr FieldSet kXdpMessageFields{Field::inode, Field::cookie};

}  // namespace

Dump::Outcome dump_xdp(Dump& dump, const Query& query) {
  const AttributeTable<XdpTarget> attributes(kXdpRows, query.wanted, Protocol::xdp, dump.replayed());
  const auto details = std::make_unique<XdpDetail[]>(Dump::kBatch);

  uapi::ShowRequest body{};
  body.family = static_cast<std::uint8_t>(Family::xdp);
  body.show = attributes.ask() | uapi::kXdpShowInfo;
  RequestWriter request(uapi::kSockDiagByFamily, uapi::kDumpFlags, dump.next_sequence());
  request.put(body);

  return dump.run(request.bytes(), "xdp", [&](Bytes payload, Socket& socket, std::size_t slot) {
    uapi::XdpMessage message;
    if (!read_at(payload, 0, message)) return Dump::Decoded::malformed;
    XdpDetail& detail = details[slot];
    detail = XdpDetail{};
    socket.protocol = Protocol::xdp;
    socket.family = Family::xdp;
    socket.type = message.type;
    socket.state = State::close;  // the message has no state
    socket.inode = message.inode;
    socket.cookie = uapi::cookie_of(message.cookie);
    socket.present = kXdpMessageFields;
    socket.xdp = &detail;
    XdpTarget target{socket, detail};
    attributes.decode(AttributeWalk(payload, sizeof message), target, dump.coverage());
    return Dump::Decoded::row;
  });
}

FieldSet xdp_knows() { return kXdpMessageFields | known_fields(kXdpRows, Protocol::xdp); }

}  // namespace duostat
