// The details of unix, packet, netlink, TIPC and XDP sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <sys/sysmacros.h>

#include "compat/ss/details.h"

namespace duostat::ss {
namespace {

bool bpf(const Request& r) { return r.bpf; }
bool contexts(const Request& r) { return r.process_contexts != 0; }
bool tipc_info(const Request& r) { return r.tipc_info; }

/// The beginning of an item on a line of its own.
std::string_view line_start(const View& view) { return view.request.oneline ? " " : "\n\t"; }

// ---- unix ----

void unix_memory(View& view, const Socket& s) {
  if (s.has(Field::skmem)) print_skmem(view.layout, s.unix_domain->memory);
}

void unix_file(View& view, const Socket& s) {
  if (!s.has(Field::unix_vfs)) return;
  // quirk: unix-dev-encoding the kernel's internal number (major << 20 | minor) is decoded as if it were stat(2)'s.
  const std::uint32_t device = s.unix_domain->vfs_device;
  Piece(view.layout, " ino:").dec(s.unix_domain->vfs_inode).text(" dev:").dec(major(device)).text('/')
      .dec(minor(device));
}

void unix_pending(View& view, const Socket& s) {
  if (!s.has(Field::unix_pending)) return;
  view.layout.put(" peers:");
  for (const std::uint32_t inode : s.unix_domain->pending) Piece(view.layout, " ").dec(inode);
}

constexpr Detail kUnix[] = {
    kUsers,
    {LayoutColumn::extra, {Field::skmem}, shows_memory, unix_memory},
    {LayoutColumn::extra, {Field::shutdown}, shows_extended, print_arrow},
    {LayoutColumn::extra, {Field::unix_vfs}, shows_extended, unix_file},
    {LayoutColumn::extra, {Field::unix_pending}, shows_extended, unix_pending},
};

// ---- packet ----

constexpr std::string_view kPacketFlags[] = {"running", " auxdata", " origdev", " vnethdr", " loss"};
constexpr std::string_view kFanoutTypes[] = {"hash", "lb", "cpu", "roll", "random", "qm"};

void packet_cookie(View& view, const Socket& s) {
  // The number in a text row is a kernel address, which the original does not read.
  if (s.has(Field::packet_info)) return print_cookie(view, s);
  view.layout.put(" sk:0");
}

void packet_flags(View& view, const Socket& s) {
  if (!s.has(Field::packet_info)) return;
  Layout& layout = view.layout;
  const PacketDetail& p = *s.packet;
  Piece(layout, line_start(view)).text("ver:").dec(p.version);
  Piece(layout, " cpy_thresh:").dec(p.copy_thresh);
  layout.put(" flags( ");
  for (std::size_t i = 0; i < std::size(kPacketFlags); ++i)
    if ((p.flags >> i & 1) != 0) layout.put(kPacketFlags[i]);
  if (p.flags == 0) layout.put("0");
  layout.put(" )");
}

void packet_ring(View& view, std::string_view name, const PacketRing* ring) {
  if (ring == nullptr) return;
  Layout& layout = view.layout;
  Piece(layout, line_start(view)).text(name);
  const auto signed_part = [&](std::string_view label, std::uint32_t value) {
    Piece(layout, label).sdec(static_cast<std::int32_t>(value));
  };
  signed_part("blk_size:", ring->block_size);
  signed_part(",blk_nr:", ring->block_nr);
  signed_part(",frm_size:", ring->frame_size);
  signed_part(",frm_nr:", ring->frame_nr);
  signed_part(",tmo:", ring->retire_tmo);
  Piece(layout, ",features:0x").hex(ring->features);
  layout.put(")");
}

void packet_rings(View& view, const Socket& s) {
  if (!s.has(Field::packet_rings)) return;
  packet_ring(view, "ring_rx(", s.packet->rx_ring);
  packet_ring(view, "ring_tx(", s.packet->tx_ring);
}

void packet_fanout(View& view, const Socket& s) {
  if (!s.has(Field::packet_fanout) || !s.packet->has_fanout) return;
  Layout& layout = view.layout;
  const std::uint32_t type = s.packet->fanout >> 16;
  Piece(layout, line_start(view)).text("fanout(");
  Piece(layout, "id:").dec(s.packet->fanout & 0xffff).text(',');
  layout.put("type:");
  if (type < std::size(kFanoutTypes)) {
    layout.put(kFanoutTypes[type]);
  } else {
    Piece(layout, "0x").hex(type);
  }
  layout.put(")");
}

/// struct sock_filter (include/uapi/linux/filter.h).
struct FilterStep {
  std::uint16_t code;
  std::uint8_t jump_true, jump_false;
  std::uint32_t k;
};
static_assert(sizeof(FilterStep) == 8);

void packet_filter(View& view, const Socket& s) {
  if (!s.has(Field::packet_filter) || !s.packet->has_filter) return;
  const Bytes filter = s.packet->filter;
  FilterStep step;
  Piece(view.layout, line_start(view)).text("bpf filter (").dec(filter.size() / sizeof step).text("): ");
  for (std::size_t at = 0; read_at(filter, at, step); at += sizeof step)
    Piece(view.layout, " 0x").hex(step.code, 2).text(' ').dec(step.jump_true).text(' ').dec(step.jump_false).text(' ')
        .dec(step.k).text(',');
}

void packet_memory(View& view, const Socket& s) {
  if (s.has(Field::skmem)) print_skmem(view.layout, s.packet->memory);
}

constexpr Detail kPacket[] = {
    kUsers,
    {LayoutColumn::extra, {Field::uid}, shows_extended, print_uid},
    {LayoutColumn::extra, {Field::inode}, shows_extended, print_inode},
    {LayoutColumn::extra, {Field::cookie, Field::packet_info}, shows_extended, packet_cookie},
    {LayoutColumn::extra, {Field::packet_info}, shows_extended, packet_flags},
    {LayoutColumn::extra, {Field::packet_rings}, shows_extended, packet_rings},
    {LayoutColumn::extra, {Field::packet_fanout}, shows_extended, packet_fanout},
    {LayoutColumn::extra, {Field::packet_filter}, bpf, packet_filter},
    {LayoutColumn::extra, {Field::skmem}, shows_memory, packet_memory},
};

// ---- netlink ----
// quirk: netlink-details-in-process all details are in the Process column, and are lost without -p.

void netlink_context(View& view, const Socket& s) {
  int error = 0;
  std::string context;
  if (static_cast<std::int32_t>(s.local.port) > 0)
    context = view.env.proc.read(std::to_string(s.local.port) + "/attr/current", error);
  context = context.substr(0, context.find_first_of(std::string_view("\n\0", 2)));
  Piece(view.layout, " proc_ctx=").text(context.empty() ? "unavailable" : view.labels.harmless(context));
}

void netlink_pointers(View& view, const Socket& s) {
  static constexpr NetlinkDetail kNone{};
  const NetlinkDetail& n = s.netlink != nullptr ? *s.netlink : kNone;
  Piece(view.layout, " sk=")
      .hex(n.socket_pointer)
      .text(" cb=")
      .hex(n.callback_pointer)
      .text(" groups=0x")
      .hex(n.groups, 8);
}

void netlink_memory(View& view, const Socket& s) {
  if (!s.has(Field::skmem)) return;
  view.layout.put("\t");
  print_skmem(view.layout, s.netlink->memory);
}

constexpr Detail kNetlink[] = {
    {LayoutColumn::process, {}, contexts, netlink_context},
    {LayoutColumn::process, {Field::netlink_groups}, shows_extended, netlink_pointers},
    {LayoutColumn::process, {Field::skmem}, shows_memory, netlink_memory},
};

// ---- TIPC ----

constexpr std::string_view kTipcTypes[] = {"", "STREAM", "DGRAM", "", "RDM", "SEQPACKET"};

void tipc_internals(View& view, const Socket& s) {
  if (s.tipc == nullptr) return;
  Layout& layout = view.layout;
  const TipcDetail& t = *s.tipc;
  if (!view.request.oneline) layout.put("\n");
  if (t.type < std::size(kTipcTypes)) Piece(layout, " type:").text(kTipcTypes[t.type]);
  layout.put(t.link_congested ? " cong:link " : t.conn_congested ? " cong:conn " : " cong:none ");
  Piece(layout, " drop:").dec(t.drop).text(' ');
  if (t.has_publication) layout.put(" publ");
  if (t.has_via) Piece(layout, " via {").dec(t.via_type).text(',').dec(t.via_instance).text("} ");
}

constexpr Detail kTipc[] = {
    {LayoutColumn::process, {Field::uid}, shows_extended, print_uid},
    {LayoutColumn::process, {Field::inode}, shows_extended, print_inode},
    {LayoutColumn::process, {Field::cookie}, shows_extended, print_cookie},
    kUsers,
    {LayoutColumn::extra, {Field::tipc_info}, tipc_info, tipc_internals},
};

// ---- XDP ----

/// A ring's or counter's labelled number.
struct Labelled {
  std::string_view label;
  std::uint64_t value;
};

void xdp_item(View& view, std::string_view name, std::initializer_list<Labelled> parts) {
  Piece(view.layout, view.request.oneline ? " " : "\n\t").text(name);
  for (const Labelled& part : parts) Piece(view.layout, part.label).dec(part.value);
  view.layout.put(")");
}

void xdp_internals(View& view, const Socket& s) {
  if (!s.has(Field::xdp_info) || s.xdp == nullptr) return;
  const XdpDetail& x = *s.xdp;
  if (x.has_rx) xdp_item(view, "rx(", {{"entries:", x.rx_entries}});
  if (x.has_tx) xdp_item(view, "tx(", {{"entries:", x.tx_entries}});
  // quirk: xdp-tumem on one line the original misspells the word.
  if (x.has_umem)
    xdp_item(view, view.request.oneline ? "tumem(" : "umem(",
             {{"id:", x.umem.id},
              {",size:", static_cast<std::uint32_t>(x.umem.size)},
              {",num_pages:", x.umem.num_pages},
              {",chunk_size:", x.umem.chunk_size},
              {",headroom:", x.umem.headroom},
              {",ifindex:", x.umem.ifindex},
              {",qid:", x.umem.queue_id},
              {",zc:", x.umem.flags & 1},
              {",refs:", x.umem.refs}});
  if (x.has_fill) xdp_item(view, "fr(", {{"entries:", x.fill_entries}});
  if (x.has_completion) xdp_item(view, "cr(", {{"entries:", x.completion_entries}});
  if (x.has_stats)
    xdp_item(view, "stats(",
             {{"rx dropped:", x.stats.rx_dropped}, {",rx invalid:", x.stats.rx_invalid},
              {",rx queue full:", x.stats.rx_full}, {",rx fill ring empty:", x.stats.fill_empty},
              {",tx invalid:", x.stats.tx_invalid}, {",tx ring empty:", x.stats.tx_empty}});
}

void xdp_memory(View& view, const Socket& s) {
  if (s.has(Field::skmem) && s.xdp != nullptr) print_skmem(view.layout, s.xdp->memory);
}

constexpr Detail kXdp[] = {
    kUsers,
    {LayoutColumn::extra, {Field::uid}, shows_extended, print_uid},
    {LayoutColumn::extra, {Field::inode}, shows_extended, print_inode},
    {LayoutColumn::extra, {Field::cookie}, shows_extended, print_cookie},
    {LayoutColumn::extra, {Field::xdp_info}, shows_extended, xdp_internals},
    {LayoutColumn::extra, {Field::skmem}, shows_memory, xdp_memory},
};

}  // namespace

std::span<const Detail> unix_details() { return kUnix; }
std::span<const Detail> packet_details() { return kPacket; }
std::span<const Detail> netlink_details() { return kNetlink; }
std::span<const Detail> tipc_details() { return kTipc; }
std::span<const Detail> xdp_details() { return kXdp; }

}  // namespace duostat::ss
