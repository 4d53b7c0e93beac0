// A socket, as seen from outside the process that holds it.
//
// A backend fills these from /proc text or netlink messages, in batches that it reuses: pointers, views and spans in a
// Socket are valid only during the call of the sink that receives it. The fixed part is what nearly every view prints;
// rarer groups are behind pointers. A member is meaningful only if its Field is in `present`.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "src/base/bytes.h"
#include "src/model/address.h"
#include "src/model/field.h"
#include "src/model/protocol.h"
#include "src/model/state.h"
#include "src/model/tcp_info.h"

namespace duostat {

/// The pending timer, with the kernel's numbers (tcp_diag, get_tcp4_sock()). Other numbers are kept.
enum class Timer : std::uint8_t { off = 0, retransmit = 1, keepalive = 2, time_wait = 3, probe0 = 4, delayed_ack = 5 };

/// Socket memory, in bytes. inet_diag, unix_diag, packet_diag and others share these two attribute layouts.
struct SocketMemory {
  /// struct inet_diag_meminfo: rmem, wmem, fmem, tmem.
  std::uint32_t meminfo[4];
  /// SK_MEMINFO_*: rmem_alloc, rcvbuf, wmem_alloc, sndbuf, fwd_alloc, wmem_queued, optmem, backlog, drops.
  std::uint32_t skmem[9];
  std::uint32_t skmem_words = 0;  ///< number of words that this kernel sent
};

/// The columns of /proc/net/tcp after the inode and address (get_tcp4_sock()).
struct TcpProcfs {
  std::uint64_t rto, ato;  ///< clock ticks (USER_HZ)
  std::uint32_t qack;      ///< quick acks << 1 | pingpong mode
  std::uint32_t cwnd;      ///< segments
  std::int32_t ssthresh;   ///< segments; -1: infinite
  bool complete = false;   ///< false: the line ended before these columns (TIME-WAIT and SYN-RECV rows)
  std::string_view extra;  ///< text after the known columns; empty on every known kernel
};

/// The rarer groups of TCP, UDP, raw, DCCP, SCTP and MPTCP sockets.
struct InetDetail {
  std::uint8_t tos, tclass;
  std::uint32_t class_id;         ///< net_cls class, or SO_PRIORITY if none is set
  /// struct inet_diag_sockopt: byte 0 recverr … nodefrag, byte 1 bind_address_no_port …
  std::uint8_t sockopt[2];
  SocketMemory memory;
  Grown<TcpInfo> tcp_info;
  std::string_view congestion;    ///< name of the congestion control algorithm
  VegasInfo vegas;
  DctcpInfo dctcp;
  BbrInfo bbr;
  Grown<MptcpInfo> mptcp_info;
  Bytes sctp_info;                ///< struct sctp_info, raw
  Bytes local_addresses, peer_addresses;  ///< SCTP: consecutive struct sockaddr_storage (128 bytes each)
  Bytes md5_keys;                 ///< consecutive struct tcp_diag_md5sig (100 bytes each)
  Bytes ulp;                      ///< INET_DIAG_ULP_INFO's nested attributes, raw
  Bytes bpf_storages;             ///< INET_DIAG_SK_BPF_STORAGES' nested attributes, raw
  TcpProcfs tcp_procfs;
};

/// Calls `each(field, view)` for every member that points to bytes of the batch. A view whose field is absent may be
/// left over from another socket. Exception: decode_inet() sets every view of Field::sctp_info for each SCTP socket.
template <class Each>
void each_view(InetDetail& detail, Each&& each) {
  // Lists all members: a new one does not compile until it is added here, and below if it is a view.
  [[maybe_unused]] auto& [tos, tclass, class_id, sockopt, memory, tcp_info, congestion, vegas, dctcp, bbr, mptcp_info,
                          sctp_info, local_addresses, peer_addresses, md5_keys, ulp, bpf_storages, tcp_procfs] = detail;
  each(Field::congestion, congestion);
  each(Field::sctp_info, sctp_info);
  each(Field::sctp_info, local_addresses);
  each(Field::sctp_info, peer_addresses);
  each(Field::md5_keys, md5_keys);
  each(Field::ulp, ulp);
  each(Field::bpf_storage, bpf_storages);
  each(Field::tcp_procfs, tcp_procfs.extra);
}

/// AF_UNIX.
struct UnixDetail {
  /// The bound name: empty if none; a path; or, for an abstract name, bytes that begin with NUL. procfs prints every
  /// NUL as '@' (unix_seq_show()), so its names begin with '@' instead, and `name_is_text` is set.
  std::string_view name;
  bool name_is_text = false;
  /// netlink: the kernel sent a peer, perhaps without an inode (not yet accepted, or gone).
  bool has_peer = false;
  std::uint32_t peer_inode = 0;
  std::uint32_t vfs_inode = 0;   ///< of the path in its file system
  std::uint32_t vfs_device = 0;  ///< huge-encoded dev_t as in unix_diag: major << 20 | minor
  std::span<const std::uint32_t> pending;  ///< inodes of connections waiting to be accepted
  SocketMemory memory;
  std::uint32_t protocol = 0;      ///< third column of /proc/net/unix; always 0 on known kernels
  std::uint32_t flags = 0;         ///< fourth column: 0x10000 is SO_ACCEPTCON
  /// Sixth column: SS_UNCONNECTED 1, SS_CONNECTING 2, SS_CONNECTED 3, SS_DISCONNECTING 4.
  std::uint8_t socket_state = 0;
  bool has_inode_column = true;    ///< false for old kernels whose /proc/net/unix has no inodes
};

/// struct packet_diag_ring.
struct PacketRing {
  std::uint32_t block_size, block_nr, frame_size, frame_nr;
  std::uint32_t retire_tmo;  ///< milliseconds
  std::uint32_t sizeof_priv, features;
};

/// AF_PACKET.
struct PacketDetail {
  std::uint32_t version, copy_thresh, flags;  ///< struct packet_diag_info
  const PacketRing* rx_ring = nullptr;
  const PacketRing* tx_ring = nullptr;
  std::uint32_t fanout = 0;
  bool has_fanout = false;
  Bytes filter;  ///< struct sock_filter array (8 bytes per instruction)
  bool has_filter = false;
  SocketMemory memory;
};

/// AF_NETLINK. The port id of a connected peer is remote.port, its group remote.node.
struct NetlinkDetail {
  std::uint32_t groups = 0;  ///< first 32 subscribed groups
  bool has_peer = false;     ///< remote is valid: with netlink, not with procfs
  std::uint64_t socket_pointer = 0, callback_pointer = 0;  ///< procfs: the hashed addresses; 0 with netlink
  SocketMemory memory;
};

/// AF_TIPC: nested attributes of TIPC_NLA_SOCK that views print.
struct TipcDetail {
  std::uint32_t type = 0;         ///< SOCK_ number
  std::uint32_t drop = 0;
  bool link_congested = false, conn_congested = false, has_publication = false, has_connection = false;
  bool has_via = false;
  std::uint32_t via_type = 0, via_instance = 0;
};

/// AF_XDP.
struct XdpDetail {
  bool has_rx = false, has_tx = false, has_umem = false, has_fill = false, has_completion = false, has_stats = false;
  std::uint32_t rx_entries = 0, tx_entries = 0, fill_entries = 0, completion_entries = 0;
  struct {
    std::uint64_t size;
    std::uint32_t id, num_pages, chunk_size, headroom, ifindex, queue_id, flags, refs;
  } umem{};
  struct {
    std::uint64_t rx_dropped, rx_invalid, rx_full, fill_empty, tx_invalid, tx_empty;
  } stats{};
  SocketMemory memory;
};

struct Socket {
  Protocol protocol{};
  Family family{};
  State state{};
  Timer timer{};

  std::uint8_t type = 0;         ///< SOCK_ number (unix, packet, vsock)
  std::uint8_t ip_protocol = 0;  ///< INET_DIAG_PROTOCOL: a raw socket's IP protocol
  std::uint8_t shutdown = 0;     ///< bit 0 RCV_SHUTDOWN, bit 1 SEND_SHUTDOWN
  std::uint8_t v6only = 0;

  std::uint32_t ifindex = 0;     ///< SO_BINDTODEVICE (packet, xdp: the bound interface); 0 none
  Endpoint local, remote;
  FieldSet present;

  std::uint32_t rqueue = 0;         ///< bytes not yet read; a listener's connections not yet accepted
  std::uint32_t wqueue = 0;         ///< bytes not yet acknowledged (tcp) or sent; 0 for a listener
  std::uint32_t backlog_limit = 0;  ///< the backlog of listen(2), as stored by the kernel
  std::uint32_t uid = 0;
  std::uint32_t mark = 0;           ///< SO_MARK
  std::uint32_t timer_count = 0;    ///< number of times the pending timer has fired: retransmits or probes
  std::uint32_t retransmits = 0;    ///< icsk_retransmits
  std::uint32_t probes = 0;         ///< icsk_probes_out (the column that procfs calls "timeout")
  std::uint32_t refcount = 0;
  std::uint32_t drops = 0;
  std::uint64_t timer_ms = 0;       ///< until the timer fires, milliseconds
  std::uint64_t inode = 0;          ///< sockfs inode; 0 if no process can hold the socket (TIME-WAIT, not yet accepted)
  std::uint64_t cookie = 0;
  std::uint64_t cgroup_id = 0;

  const InetDetail* inet = nullptr;
  const UnixDetail* unix_domain = nullptr;
  const PacketDetail* packet = nullptr;
  const NetlinkDetail* netlink = nullptr;
  const TipcDetail* tipc = nullptr;
  const XdpDetail* xdp = nullptr;

  bool has(Field field) const { return present.has(field); }
};

}  // namespace duostat
