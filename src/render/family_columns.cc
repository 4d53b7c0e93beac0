// Columns of memory and socket options, and of the non-IP families.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/base/hex.h"
#include "src/model/unix_name.h"
#include "src/names/ethertypes.h"
#include "src/render/column.h"
#include "src/render/column_parts.h"

namespace duostat {
namespace {

using C = ColumnContext;
using F = Field;

const SocketMemory* memory_of(const Socket& s) {
  if (s.inet != nullptr) return &s.inet->memory;
  if (s.unix_domain != nullptr) return &s.unix_domain->memory;
  if (s.packet != nullptr) return &s.packet->memory;
  if (s.netlink != nullptr) return &s.netlink->memory;
  return s.xdp != nullptr ? &s.xdp->memory : nullptr;
}
template <unsigned word>
Value skmem(C&, const Socket& s) {
  const SocketMemory* memory = s.has(F::skmem) ? memory_of(s) : nullptr;
  return memory != nullptr && word < memory->skmem_words ? Value::of(memory->skmem[word]) : Value{};
}
template <unsigned word>
Value meminfo(C&, const Socket& s) {
  const SocketMemory* memory = s.has(F::meminfo) ? memory_of(s) : nullptr;
  return memory != nullptr ? Value::of(memory->meminfo[word]) : Value{};
}
template <unsigned bit>
Value sockopt(C&, const Socket& s) {
  if (s.inet == nullptr || !s.has(F::sockopt)) return {};
  return Value::boolean_of((s.inet->sockopt[bit / 8] >> bit % 8 & 1) != 0);
}

// ---- unix ----

Value unix_name(C& c, const Socket& s) {
  if (s.unix_domain == nullptr || s.unix_domain->name.empty()) return {};
  return Value::text_of(shown_name(*s.unix_domain, c.scratch));
}
/// The bytes after the first NUL, which no other column distinguishes from '@'.
Value abstract_hex(C& c, const Socket& s) {
  if (s.unix_domain == nullptr || s.unix_domain->name_is_text) return {};
  const std::string_view name = s.unix_domain->name;
  if (name.empty() || name[0] != '\0') return {};
  c.scratch.clear();
  append_hex(c.scratch, name.substr(1));
  return Value::text_of(c.scratch);
}
Value unix_peer(C&, const Socket& s) {
  return s.unix_domain != nullptr && s.has(F::unix_peer) && s.unix_domain->peer_inode != 0
             ? Value::of(s.unix_domain->peer_inode)
             : Value{};
}
/// unix_diag encodes major << 20 | minor.
Value vfs_major(C&, const Socket& s) {
  return s.unix_domain != nullptr && s.has(F::unix_vfs) ? Value::of(s.unix_domain->vfs_device >> 20) : Value{};
}
Value vfs_minor(C&, const Socket& s) {
  return s.unix_domain != nullptr && s.has(F::unix_vfs) ? Value::of(s.unix_domain->vfs_device & 0xfffff) : Value{};
}
Value pending(C& c, const Socket& s) {
  if (s.unix_domain == nullptr || !s.has(F::unix_pending) || s.unix_domain->pending.empty()) return {};
  c.scratch.clear();
  for (const std::uint32_t inode : s.unix_domain->pending)
    c.scratch.append(c.scratch.empty() ? "" : ",").append(std::to_string(inode));
  return Value::text_of(c.scratch);
}
bool pending_json(C&, const Socket& s, std::string_view key, Json& json) {
  if (s.unix_domain == nullptr || !s.has(F::unix_pending)) return false;
  json.key(key);
  json.begin_array();
  for (const std::uint32_t inode : s.unix_domain->pending) json.value(inode);
  json.end_array();
  return true;
}
template <unsigned bit>
Value unix_flag(C&, const Socket& s) {
  if (s.unix_domain == nullptr || !s.has(F::unix_flags)) return {};
  return Value::boolean_of((s.unix_domain->flags >> bit & 1) != 0);
}

// ---- packet ----

template <unsigned bit>
Value packet_flag(C&, const Socket& s) {
  return s.packet != nullptr && s.has(F::packet_info) ? Value::boolean_of((s.packet->flags >> bit & 1) != 0) : Value{};
}
Value ethertype(C&, const Socket& s) { return s.family == Family::packet ? Value::of(s.local.node) : Value{}; }
Value ethertype_word(C&, const Socket& s) {
  const std::string_view name = s.family == Family::packet ? ethertype_name(s.local.node) : std::string_view{};
  return name.empty() ? Value{} : Value::text_of(name);
}
template <auto ring, auto member>
Value ring_number(C&, const Socket& s) {
  if (s.packet == nullptr || !s.has(F::packet_rings) || s.packet->*ring == nullptr) return {};
  return Value::of((s.packet->*ring)->*member);
}
Value fanout_id(C&, const Socket& s) {
  return s.packet != nullptr && s.packet->has_fanout ? Value::of(s.packet->fanout & 0xffff) : Value{};
}
Value fanout_type(C&, const Socket& s) {
  return s.packet != nullptr && s.packet->has_fanout ? Value::of(s.packet->fanout >> 16) : Value{};
}
/// Instructions as decimal "CODE JT JF K", separated by commas, like tcpdump -ddd.
Value packet_filter(C& c, const Socket& s) {
  if (s.packet == nullptr || !s.packet->has_filter) return {};
  c.scratch.clear();
  for (std::size_t at = 0; at + 8 <= s.packet->filter.size(); at += 8) {
    std::uint16_t code = 0;
    std::uint8_t jump_true = 0, jump_false = 0;
    std::uint32_t k = 0;
    read_at(s.packet->filter, at, code);
    read_at(s.packet->filter, at + 2, jump_true);
    read_at(s.packet->filter, at + 3, jump_false);
    read_at(s.packet->filter, at + 4, k);
    c.scratch.append(c.scratch.empty() ? "" : ",")
        .append(std::to_string(code))
        .append(" ")
        .append(std::to_string(jump_true));
    c.scratch.append(" ").append(std::to_string(jump_false)).append(" ").append(std::to_string(k));
  }
  return Value::text_of(c.scratch);
}

// ---- netlink, vsock, TIPC, XDP ----

template <Family family, auto end, auto member>
Value endpoint(C&, const Socket& s) {
  return s.family == family ? Value::of((s.*end).*member) : Value{};
}
/// Only netlink provides the peer of a netlink socket.
template <auto member>
Value netlink_peer(C&, const Socket& s) {
  return s.netlink != nullptr && s.netlink->has_peer ? Value::of(s.remote.*member) : Value{};
}
Value netlink_word(C& c, const Socket& s) {
  if (s.family != Family::netlink) return {};
  if (!c.netlink_names) c.netlink_names = NetlinkProtocols::of_system();
  const std::string_view name = c.netlink_names->name(s.local.node);
  return name.empty() ? Value{} : Value::text_of(name);
}
template <auto member>
Value tipc(C&, const Socket& s) {
  if (s.tipc == nullptr || !s.has(F::tipc_info)) return {};
  using Member = std::remove_cvref_t<decltype(s.tipc->*member)>;
  if constexpr (std::is_same_v<Member, bool>) return Value::boolean_of(s.tipc->*member);
  else return Value::of(s.tipc->*member);
}
template <auto member>
Value tipc_peer(C&, const Socket& s) {
  return s.tipc != nullptr && s.tipc->has_connection ? Value::of(s.remote.*member) : Value{};
}
template <auto has, auto member>
Value xdp(C&, const Socket& s) {
  return s.xdp != nullptr && s.xdp->*has ? Value::of(s.xdp->*member) : Value{};
}
Value xdp_umem(const Socket& s, std::uint64_t value) { return s.xdp->has_umem ? Value::of(value) : Value{}; }
Value xdp_stat(const Socket& s, std::uint64_t value) { return s.xdp->has_stats ? Value::of(value) : Value{}; }
#define DUOSTAT_UMEM(member) \
  [](C&, const Socket& s) { return s.xdp != nullptr ? xdp_umem(s, s.xdp->umem.member) : Value{}; }
#define DUOSTAT_STAT(member) \
  [](C&, const Socket& s) { return s.xdp != nullptr ? xdp_stat(s, s.xdp->stats.member) : Value{}; }

using Unit::bytes, Unit::none;
constexpr auto E = kViewExtended;
constexpr ProtocolSet kPacket = kPacketProtocols, kUnix = kUnixProtocols, kNetlink{Protocol::netlink},
                      kTipc{Protocol::tipc}, kXdp{Protocol::xdp};
using U = UnixDetail;
using P = PacketDetail;
using R = PacketRing;
using X = XdpDetail;

// clang-format off
constexpr Column kFamilyColumns[] = {
    {"skmem.rmem_alloc", "memory of received data not yet read", bytes, kViewMemory, {F::skmem}, {}, skmem<0>},
    {"skmem.rcvbuf", "its limit", bytes, kViewMemory, {F::skmem}, {}, skmem<1>},
    {"skmem.wmem_alloc", "memory of data passed to the layer below", bytes, kViewMemory, {F::skmem}, {}, skmem<2>},
    {"skmem.sndbuf", "limit of the send buffer", bytes, kViewMemory, {F::skmem}, {}, skmem<3>},
    {"skmem.fwd_alloc", "memory reserved but unused", bytes, kViewMemory, {F::skmem}, {}, skmem<4>},
    {"skmem.wmem_queued", "memory of queued data not yet sent", bytes, kViewMemory, {F::skmem}, {}, skmem<5>},
    {"skmem.optmem", "memory of socket options", bytes, kViewMemory, {F::skmem}, {}, skmem<6>},
    {"skmem.backlog", "memory of packets not yet processed", bytes, kViewMemory, {F::skmem}, {}, skmem<7>},
    {"skmem.drops", "packets dropped at the socket", none, kViewMemory, {F::skmem}, {}, skmem<8>},
    {"meminfo.rmem", "receive memory", bytes, kViewMemory, {F::meminfo}, kInetProtocols, meminfo<0>},
    {"meminfo.wmem", "queued send memory", bytes, kViewMemory, {F::meminfo}, kInetProtocols, meminfo<1>},
    {"meminfo.fmem", "reserved memory", bytes, kViewMemory, {F::meminfo}, kInetProtocols, meminfo<2>},
    {"meminfo.tmem", "send memory in the layer below", bytes, kViewMemory, {F::meminfo}, kInetProtocols, meminfo<3>},
    {"tos", "IP_TOS", none, kViewTos, {F::tos}, kInetProtocols, in_group<F::tos, &Socket::inet, &InetDetail::tos>},
    {"tclass", "IPV6_TCLASS", none, kViewTos, {F::tclass}, kInetProtocols,
     in_group<F::tclass, &Socket::inet, &InetDetail::tclass>},
    {"class_id", "net_cls class, or SO_PRIORITY", none, kViewTos, {F::class_id}, kInetProtocols,
     in_group<F::class_id, &Socket::inet, &InetDetail::class_id>},
    {"sockopt.recverr", "IP_RECVERR", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<0>},
    {"sockopt.is_icsk", "the socket is connection oriented", none, kViewSockopt, {F::sockopt}, kInetProtocols,
     sockopt<1>},
    {"sockopt.freebind", "IP_FREEBIND", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<2>},
    {"sockopt.hdrincl", "IP_HDRINCL", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<3>},
    {"sockopt.mc_loop", "IP_MULTICAST_LOOP", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<4>},
    {"sockopt.transparent", "IP_TRANSPARENT", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<5>},
    {"sockopt.mc_all", "IP_MULTICAST_ALL", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<6>},
    {"sockopt.nodefrag", "IP_NODEFRAG", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<7>},
    {"sockopt.bind_address_no_port", "IP_BIND_ADDRESS_NO_PORT", none, kViewSockopt, {F::sockopt}, kInetProtocols,
     sockopt<8>},
    {"sockopt.recverr_rfc4884", "IP_RECVERR_RFC4884", none, kViewSockopt, {F::sockopt}, kInetProtocols, sockopt<9>},
    {"sockopt.defer_connect", "fast open waits for payload", none, kViewSockopt, {F::sockopt}, kInetProtocols,
     sockopt<10>},
    {"name", "bound name; '@' stands for each NUL of an abstract name", Unit::text, kViewBase, {F::unix_name}, kUnix,
     unix_name},
    {"abstract_hex", "bytes of an abstract name after its first NUL, hexadecimal (netlink only)", Unit::text, kViewBase,
     {F::unix_name},
     kUnix, abstract_hex},
    {"peer_inode", "inode of the connected socket", none, kViewBase, {F::unix_peer}, kUnix, unix_peer},
    {"vfs.inode", "inode of the path in its file system", none, E, {F::unix_vfs}, kUnix,
     in_group<F::unix_vfs, &Socket::unix_domain, &U::vfs_inode>},
    {"vfs.major", "its device, major number", none, E, {F::unix_vfs}, kUnix, vfs_major},
    {"vfs.minor", "its device, minor number", none, E, {F::unix_vfs}, kUnix, vfs_minor},
    {"pending", "inodes of connections waiting to be accepted", Unit::text, E, {F::unix_pending}, kUnix, pending,
     pending_json},
    {"flags.accepts", "accepts connections (__SO_ACCEPTCON)", none, kViewFile, {F::unix_flags}, kUnix, unix_flag<16>},
    {"flags.wait_data", "waits for data", none, kViewFile, {F::unix_flags}, kUnix, unix_flag<17>},
    {"flags.no_space", "waits for room to send", none, kViewFile, {F::unix_flags}, kUnix, unix_flag<18>},
    {"ethertype", "Ethertype number", none, kViewBase, {}, kPacket, ethertype},
    {"ethertype_name", "its name", Unit::text, kViewBase, {}, kPacket, ethertype_word},
    {"packet.version", "TPACKET version", none, E, {F::packet_info}, kPacket,
     in_group<F::packet_info, &Socket::packet, &P::version>},
    {"packet.copy_thresh", "PACKET_COPY_THRESH", bytes, E, {F::packet_info}, kPacket,
     in_group<F::packet_info, &Socket::packet, &P::copy_thresh>},
    {"packet.running", "is attached to its interface", none, E, {F::packet_info}, kPacket, packet_flag<0>},
    {"packet.auxdata", "PACKET_AUXDATA", none, E, {F::packet_info}, kPacket, packet_flag<1>},
    {"packet.origdev", "PACKET_ORIGDEV", none, E, {F::packet_info}, kPacket, packet_flag<2>},
    {"packet.vnet_hdr", "PACKET_VNET_HDR", none, E, {F::packet_info}, kPacket, packet_flag<3>},
    {"packet.loss", "PACKET_LOSS", none, E, {F::packet_info}, kPacket, packet_flag<4>},
    {"packet.fanout_id", "fanout group", none, E, {F::packet_fanout}, kPacket, fanout_id},
    {"packet.fanout_type", "PACKET_FANOUT_ number", none, E, {F::packet_fanout}, kPacket, fanout_type},
    {"packet.bpf", "classic BPF filter: code, jt, jf, k of each instruction", Unit::text, kViewFilter,
     {F::packet_filter}, kPacket,
     packet_filter},
    {"rx_ring.block_size", "receive ring: bytes per block", bytes, E, {F::packet_rings}, kPacket,
     ring_number<&P::rx_ring, &R::block_size>},
    {"rx_ring.block_nr", "blocks", none, E, {F::packet_rings}, kPacket, ring_number<&P::rx_ring, &R::block_nr>},
    {"rx_ring.frame_size", "bytes per frame", bytes, E, {F::packet_rings}, kPacket,
     ring_number<&P::rx_ring, &R::frame_size>},
    {"rx_ring.frame_nr", "frames", none, E, {F::packet_rings}, kPacket, ring_number<&P::rx_ring, &R::frame_nr>},
    {"rx_ring.retire_tmo_ms", "timeout for handing over a block", Unit::milliseconds, E, {F::packet_rings}, kPacket,
     ring_number<&P::rx_ring, &R::retire_tmo>},
    {"rx_ring.features", "features, bits", none, E, {F::packet_rings}, kPacket, ring_number<&P::rx_ring, &R::features>},
    {"tx_ring.block_size", "send ring: bytes per block", bytes, E, {F::packet_rings}, kPacket,
     ring_number<&P::tx_ring, &R::block_size>},
    {"tx_ring.block_nr", "blocks", none, E, {F::packet_rings}, kPacket, ring_number<&P::tx_ring, &R::block_nr>},
    {"tx_ring.frame_size", "bytes per frame", bytes, E, {F::packet_rings}, kPacket,
     ring_number<&P::tx_ring, &R::frame_size>},
    {"tx_ring.frame_nr", "frames", none, E, {F::packet_rings}, kPacket, ring_number<&P::tx_ring, &R::frame_nr>},
    {"netlink_protocol", "netlink protocol number", none, kViewBase, {}, kNetlink,
     endpoint<Family::netlink, &Socket::local, &Endpoint::node>},
    {"netlink_protocol_name", "its name", Unit::text, kViewBase, {}, kNetlink, netlink_word},
    {"portid", "netlink port id", none, kViewBase, {}, kNetlink,
     endpoint<Family::netlink, &Socket::local, &Endpoint::port>},
    {"dst_portid", "port id of the peer (netlink only)", none, kViewBase, {}, kNetlink, netlink_peer<&Endpoint::port>},
    {"dst_group", "group of the peer (netlink only)", none, kViewBase, {}, kNetlink, netlink_peer<&Endpoint::node>},
    {"groups", "bits of the first 32 subscribed groups", none, E, {F::netlink_groups}, kNetlink,
     in_group<F::netlink_groups, &Socket::netlink, &NetlinkDetail::groups>},
    {"local_cid", "local context id", none, kViewBase, {}, kVsockProtocols,
     endpoint<Family::vsock, &Socket::local, &Endpoint::node>},
    {"peer_cid", "context id of the peer", none, kViewBase, {}, kVsockProtocols,
     endpoint<Family::vsock, &Socket::remote, &Endpoint::node>},
    {"tipc_node", "local TIPC node", none, kViewBase, {}, kTipc,
     endpoint<Family::tipc, &Socket::local, &Endpoint::node>},
    {"tipc_ref", "local TIPC reference", none, kViewBase, {}, kTipc,
     endpoint<Family::tipc, &Socket::local, &Endpoint::port>},
    {"tipc_peer_node", "TIPC node of the peer", none, kViewBase, {F::tipc_info}, kTipc, tipc_peer<&Endpoint::node>},
    {"tipc_peer_ref", "TIPC reference of the peer", none, kViewBase, {F::tipc_info}, kTipc, tipc_peer<&Endpoint::port>},
    {"tipc.drop", "messages dropped", none, kViewTipc, {F::tipc_info}, kTipc, tipc<&TipcDetail::drop>},
    {"tipc.link_congested", "the link is congested", none, kViewTipc, {F::tipc_info}, kTipc,
     tipc<&TipcDetail::link_congested>},
    {"tipc.conn_congested", "the connection is congested", none, kViewTipc, {F::tipc_info}, kTipc,
     tipc<&TipcDetail::conn_congested>},
    {"tipc.has_publication", "a name is published", none, kViewTipc, {F::tipc_info}, kTipc,
     tipc<&TipcDetail::has_publication>},
    {"queue_id", "queue of the interface", none, kViewBase, {}, kXdp,
     endpoint<Family::xdp, &Socket::local, &Endpoint::port>},
    {"xdp.rx_entries", "entries of the receive ring", none, E, {F::xdp_info}, kXdp, xdp<&X::has_rx, &X::rx_entries>},
    {"xdp.tx_entries", "entries of the send ring", none, E, {F::xdp_info}, kXdp, xdp<&X::has_tx, &X::tx_entries>},
    {"xdp.fill_entries", "entries of the fill ring", none, E, {F::xdp_info}, kXdp, xdp<&X::has_fill, &X::fill_entries>},
    {"xdp.completion_entries", "entries of the completion ring", none, E, {F::xdp_info}, kXdp,
     xdp<&X::has_completion, &X::completion_entries>},
    {"xdp.umem_id", "umem: id", none, E, {F::xdp_info}, kXdp, DUOSTAT_UMEM(id)},
    {"xdp.umem_size", "umem: size", bytes, E, {F::xdp_info}, kXdp, DUOSTAT_UMEM(size)},
    {"xdp.umem_num_pages", "umem: pages", none, E, {F::xdp_info}, kXdp, DUOSTAT_UMEM(num_pages)},
    {"xdp.umem_chunk_size", "umem: bytes per chunk", bytes, E, {F::xdp_info}, kXdp, DUOSTAT_UMEM(chunk_size)},
    {"xdp.umem_headroom", "umem: headroom", bytes, E, {F::xdp_info}, kXdp, DUOSTAT_UMEM(headroom)},
    {"xdp.umem_refs", "umem: references", none, E, {F::xdp_info}, kXdp, DUOSTAT_UMEM(refs)},
    {"xdp.umem_flags", "umem: flags, bits", none, E, {F::xdp_info}, kXdp, DUOSTAT_UMEM(flags)},
    {"xdp.rx_dropped", "packets dropped for other reasons", none, E, {F::xdp_info}, kXdp, DUOSTAT_STAT(rx_dropped)},
    {"xdp.rx_invalid_descs", "invalid receive descriptors", none, E, {F::xdp_info}, kXdp, DUOSTAT_STAT(rx_invalid)},
    {"xdp.rx_ring_full", "packets dropped because the ring was full", none, E, {F::xdp_info}, kXdp,
     DUOSTAT_STAT(rx_full)},
    {"xdp.fill_ring_empty", "packets dropped because the fill ring was empty", none, E, {F::xdp_info}, kXdp,
     DUOSTAT_STAT(fill_empty)},
    {"xdp.tx_invalid_descs", "invalid send descriptors", none, E, {F::xdp_info}, kXdp, DUOSTAT_STAT(tx_invalid)},
    {"xdp.tx_ring_empty", "number of times the send ring was empty", none, E, {F::xdp_info}, kXdp,
     DUOSTAT_STAT(tx_empty)},
};
// clang-format on
#undef DUOSTAT_UMEM
#undef DUOSTAT_STAT

}  // namespace

std::span<const Column> family_columns() { return kFamilyColumns; }

}  // namespace duostat
