// The values of a socket, in groups that are fetched together.
//
// Each column, detail and filter declares the fields it needs. Their union (Query::wanted) decides what is requested
// from the kernel; Socket::present has those that the backend received. Absent is not zero.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>

namespace duostat {

enum class Field : std::uint8_t {
  queues,            ///< Socket::rqueue, wqueue
  backlog,           ///< Socket::backlog_limit, for listening sockets
  uid,               ///< Socket::uid
  inode,             ///< Socket::inode
  cookie,            ///< Socket::cookie (netlink: sock_gen_cookie(); procfs: the hashed kernel address)
  timer,             ///< Socket::timer, timer_ms
  timer_count,       ///< Socket::timer_count: the counter of the running timer (inet_diag's idiag_retrans)
  retransmits,       ///< Socket::retransmits, probes: both counters, whichever timer runs
  interface,         ///< Socket::ifindex
  refcount,          ///< Socket::refcount (procfs only)
  drops,             ///< Socket::drops (udp and raw)
  owner,             ///< processes that hold the socket; needs the inode, found outside the backend
  mark,              ///< Socket::mark (the kernel sends it only to CAP_NET_ADMIN)
  cgroup,            ///< Socket::cgroup_id
  shutdown,          ///< Socket::shutdown
  v6only,            ///< Socket::v6only
  ip_protocol,       ///< Socket::ip_protocol
  tos,               ///< InetDetail::tos
  tclass,            ///< InetDetail::tclass
  class_id,          ///< InetDetail::class_id
  sockopt,           ///< InetDetail::sockopt
  meminfo,           ///< SocketMemory::meminfo (4 words)
  skmem,             ///< SocketMemory::skmem (up to 9 words)
  tcp_info,          ///< InetDetail::tcp_info
  congestion,        ///< InetDetail::congestion
  vegas_info,        ///< InetDetail::vegas
  dctcp_info,        ///< InetDetail::dctcp
  bbr_info,          ///< InetDetail::bbr
  md5_keys,          ///< InetDetail::md5_keys
  ulp,               ///< InetDetail::ulp
  sctp_info,         ///< InetDetail::sctp_info, local_addresses, peer_addresses
  mptcp_info,        ///< InetDetail::mptcp_info
  bpf_storage,       ///< InetDetail::bpf_storages
  tcp_procfs,        ///< InetDetail::tcp_procfs: what /proc/net/tcp has beyond the common fields
  unix_name,         ///< UnixDetail::name
  unix_peer,         ///< UnixDetail::peer_inode
  unix_vfs,          ///< UnixDetail::vfs_inode, vfs_device
  unix_pending,      ///< UnixDetail::pending
  unix_flags,        ///< UnixDetail::flags, socket_state (as in procfs; derived for netlink)
  packet_info,       ///< PacketDetail::version and flags
  packet_rings,      ///< PacketDetail::rx_ring, tx_ring
  packet_fanout,     ///< PacketDetail::fanout
  packet_filter,     ///< PacketDetail::filter
  netlink_groups,    ///< NetlinkDetail::groups
  tipc_info,         ///< TipcDetail
  xdp_info,          ///< XdpDetail
  count_             ///< number of fields above
};

/// A set of fields; a value.
class FieldSet {
 public:
  constexpr FieldSet() = default;
  constexpr FieldSet(std::initializer_list<Field> fields) {
    for (const Field f : fields) add(f);
  }
  constexpr bool has(Field f) const { return (bits_ >> static_cast<unsigned>(f) & 1) != 0; }
  constexpr bool has_any(FieldSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool has_all(FieldSet other) const { return (bits_ & other.bits_) == other.bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr FieldSet& add(Field f) { return bits_ |= std::uint64_t{1} << static_cast<unsigned>(f), *this; }
  constexpr FieldSet& remove(Field f) { return bits_ &= ~(std::uint64_t{1} << static_cast<unsigned>(f)), *this; }
  constexpr FieldSet operator|(FieldSet other) const { return FieldSet(bits_ | other.bits_); }
  constexpr FieldSet operator&(FieldSet other) const { return FieldSet(bits_ & other.bits_); }
  constexpr FieldSet operator-(FieldSet other) const { return FieldSet(bits_ & ~other.bits_); }
  constexpr FieldSet& operator|=(FieldSet other) { return bits_ |= other.bits_, *this; }
  constexpr bool operator==(const FieldSet&) const = default;
  constexpr std::uint64_t bits() const { return bits_; }

 private:
  constexpr explicit FieldSet(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_ = 0;
};
static_assert(static_cast<unsigned>(Field::count_) <= 64);

}  // namespace duostat
