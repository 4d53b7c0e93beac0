// The values of a socket, in groups that are fetched together.
//
// Each column, detail and filter declares the fields it needs. Their union (Query::wanted) decides what is requested
// from the kernel; Socket::present has those that the backend received. Absent is not zero.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace duostat {

// clang-format off
/// Every field: FIELD(name) and the members that it stands for. The enumeration and the names are made of this list.
#define DUOSTAT_FIELDS(FIELD) \
  FIELD(queues)         /* Socket::rqueue, wqueue */ \
  FIELD(backlog)        /* Socket::backlog_limit, for listening sockets */ \
  FIELD(uid)            /* Socket::uid */ \
  FIELD(inode)          /* Socket::inode */ \
  FIELD(cookie)         /* Socket::cookie (netlink: sock_gen_cookie(); procfs: the hashed kernel address) */ \
  FIELD(timer)          /* Socket::timer, timer_ms */ \
  FIELD(timer_count)    /* Socket::timer_count: the counter of the running timer (inet_diag's idiag_retrans) */ \
  FIELD(retransmits)    /* Socket::retransmits, probes: both counters, whichever timer runs */ \
  FIELD(interface)      /* Socket::ifindex */ \
  FIELD(refcount)       /* Socket::refcount (procfs only) */ \
  FIELD(drops)          /* Socket::drops (udp and raw) */ \
  FIELD(owner)          /* processes that hold the socket; needs the inode, found outside the backend */ \
  FIELD(mark)           /* Socket::mark (the kernel sends it only to CAP_NET_ADMIN) */ \
  FIELD(cgroup)         /* Socket::cgroup_id */ \
  FIELD(shutdown)       /* Socket::shutdown */ \
  FIELD(v6only)         /* Socket::v6only */ \
  FIELD(ip_protocol)    /* Socket::ip_protocol */ \
  FIELD(tos)            /* InetDetail::tos */ \
  FIELD(tclass)         /* InetDetail::tclass */ \
  FIELD(class_id)       /* InetDetail::class_id */ \
  FIELD(sockopt)        /* InetDetail::sockopt */ \
  FIELD(meminfo)        /* SocketMemory::meminfo (4 words) */ \
  FIELD(skmem)          /* SocketMemory::skmem (up to 9 words) */ \
  FIELD(tcp_info)       /* InetDetail::tcp_info */ \
  FIELD(congestion)     /* InetDetail::congestion */ \
  FIELD(vegas_info)     /* InetDetail::vegas */ \
  FIELD(dctcp_info)     /* InetDetail::dctcp */ \
  FIELD(bbr_info)       /* InetDetail::bbr */ \
  FIELD(md5_keys)       /* InetDetail::md5_keys */ \
  FIELD(ulp)            /* InetDetail::ulp */ \
  FIELD(sctp_info)      /* InetDetail::sctp_info, local_addresses, peer_addresses */ \
  FIELD(mptcp_info)     /* InetDetail::mptcp_info */ \
  FIELD(bpf_storage)    /* InetDetail::bpf_storages */ \
  FIELD(tcp_procfs)     /* InetDetail::tcp_procfs: what /proc/net/tcp has beyond the common fields */ \
  FIELD(unix_name)      /* UnixDetail::name */ \
  FIELD(unix_peer)      /* UnixDetail::peer_inode */ \
  FIELD(unix_vfs)       /* UnixDetail::vfs_inode, vfs_device */ \
  FIELD(unix_pending)   /* UnixDetail::pending */ \
  FIELD(unix_flags)     /* UnixDetail::flags, socket_state (as in procfs; derived for netlink) */ \
  FIELD(packet_info)    /* PacketDetail::version and flags */ \
  FIELD(packet_rings)   /* PacketDetail::rx_ring, tx_ring */ \
  FIELD(packet_fanout)  /* PacketDetail::fanout */ \
  FIELD(packet_filter)  /* PacketDetail::filter */ \
  FIELD(netlink_groups) /* NetlinkDetail::groups */ \
  FIELD(tipc_info)      /* TipcDetail */ \
  FIELD(xdp_info)       /* XdpDetail */
// clang-format on

enum class Field : std::uint8_t {
#define DUOSTAT_FIELD(name) name,
  DUOSTAT_FIELDS(DUOSTAT_FIELD)
#undef DUOSTAT_FIELD
  count_  ///< number of fields above
};

/// In the order of the enumeration, spelled as there: for `duostat explain` and messages.
inline constexpr std::string_view kFieldNames[] = {
#define DUOSTAT_FIELD(name) #name,
    DUOSTAT_FIELDS(DUOSTAT_FIELD)
#undef DUOSTAT_FIELD
};
constexpr std::string_view name_of(Field field) { return kFieldNames[static_cast<unsigned>(field)]; }

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

/// The names of the fields in the order of the enumeration.
inline std::string names_of(FieldSet fields, std::string_view separator = ", ") {
  std::string names;
  for (unsigned i = 0; i < static_cast<unsigned>(Field::count_); ++i)
    if (fields.has(static_cast<Field>(i))) names.append(names.empty() ? "" : separator).append(kFieldNames[i]);
  return names;
}

}  // namespace duostat
