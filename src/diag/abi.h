// Declares the wire format of netlink and sock_diag, independent of the headers of the build host. The kernel fixes
// every size and offset (include/uapi/linux/{netlink,sock_diag,inet_diag,unix_diag,…}.h). Numbers are in host byte
// order, except members that end in _be.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace duostat::uapi {

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

// ---- netlink (man 7 netlink) ----

inline constexpr int kFamilyNetlink = 16;      // AF_NETLINK
inline constexpr int kNetlinkSockDiag = 4;     // NETLINK_SOCK_DIAG
inline constexpr int kSolNetlink = 270;        // SOL_NETLINK
inline constexpr int kNetlinkAddMembership = 1;  // NETLINK_ADD_MEMBERSHIP
inline constexpr int kNetlinkListenAllNsid = 8;  // NETLINK_LISTEN_ALL_NSID
inline constexpr int kNetlinkExtAck = 11;      // NETLINK_EXT_ACK
inline constexpr std::size_t kAlignment = 4;   // of messages and of attributes

/// struct sockaddr_nl
struct NetlinkAddress {
  u16 family, pad;
  u32 port_id, groups;
};
static_assert(sizeof(NetlinkAddress) == 12 && offsetof(NetlinkAddress, port_id) == 4);

/// struct nlmsghdr
struct MessageHeader {
  u32 length;  ///< header included, padding not
  u16 type, flags;
  u32 sequence, port_id;
};
static_assert(sizeof(MessageHeader) == 16 && offsetof(MessageHeader, type) == 4);
static_assert(offsetof(MessageHeader, sequence) == 8 && offsetof(MessageHeader, port_id) == 12);

/// struct nlattr, struct rtattr
struct AttributeHeader {
  u16 length;  ///< header included, padding not
  u16 type;
};
static_assert(sizeof(AttributeHeader) == 4 && offsetof(AttributeHeader, type) == 2);
inline constexpr u16 kAttributeTypeMask = 0x3fff;  // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
inline constexpr u16 kAttributeNested = 0x8000;    // NLA_F_NESTED

enum : u16 { kNoop = 1, kError = 2, kDone = 3, kOverrun = 4, kFirstDataType = 16 };  // NLMSG_*
enum : u16 { kRequest = 0x1, kMulti = 0x2, kAck = 0x4, kDumpInterrupted = 0x10 };    // NLM_F_*
inline constexpr u16 kDumpFlags = kRequest | 0x100 | 0x200;                          // ROOT | MATCH

/// Message types of NETLINK_SOCK_DIAG. The first two predate sock_diag and belong to inet_diag.
enum : u16 { kTcpDiagGetSock = 18, kDccpDiagGetSock = 19, kSockDiagByFamily = 20, kSockDestroy = 21 };

/// SKNLGRP_INET_*_DESTROY: multicast groups for destroyed sockets.
enum : u32 { kTcpDestroyed = 1, kUdpDestroyed = 2, kTcp6Destroyed = 3, kUdp6Destroyed = 4 };

// ---- inet_diag ----

/// struct inet_diag_sockid
struct InetSockId {
  u16 source_port_be, destination_port_be;
  u8 source[16], destination[16];
  u32 ifindex;
  u32 cookie[2];
};
static_assert(sizeof(InetSockId) == 48 && offsetof(InetSockId, source) == 4 && offsetof(InetSockId, destination) == 20);
static_assert(offsetof(InetSockId, ifindex) == 36 && offsetof(InetSockId, cookie) == 40);

/// struct inet_diag_req_v2
struct InetRequest {
  u8 family, protocol, extensions;
  u8 raw_protocol;  ///< struct inet_diag_req_raw's name for the pad byte; used by SOCK_DESTROY
  u32 states;
  InetSockId id;
};
static_assert(sizeof(InetRequest) == 56 && offsetof(InetRequest, states) == 4 && offsetof(InetRequest, id) == 8);

/// struct inet_diag_req, for kTcpDiagGetSock and kDccpDiagGetSock
struct InetRequestLegacy {
  u8 family, source_length, destination_length, extensions;
  InetSockId id;
  u32 states, databases;
};
static_assert(sizeof(InetRequestLegacy) == 60 && offsetof(InetRequestLegacy, states) == 52);

/// INET_DIAG_REQ_*: attributes of a request.
enum : u16 { kInetRequestBytecode = 1, kInetRequestStorages = 2, kInetRequestProtocol = 3 };

/// struct inet_diag_msg
struct InetMessage {
  u8 family, state, timer, retransmits;
  InetSockId id;
  u32 expires, rqueue, wqueue, uid, inode;
};
static_assert(sizeof(InetMessage) == 72 && offsetof(InetMessage, id) == 4 && offsetof(InetMessage, expires) == 52);
static_assert(offsetof(InetMessage, rqueue) == 56 && offsetof(InetMessage, uid) == 64 &&
              offsetof(InetMessage, inode) == 68);

/// INET_DIAG_*: attributes of an answer. An extension bit of a request is 1 << (number - 1).
enum InetAttribute : u16 {
  kInetMeminfo = 1,
  kInetInfo = 2,
  kInetVegasInfo = 3,
  kInetCongestion = 4,
  kInetTos = 5,
  kInetTclass = 6,
  kInetSkMeminfo = 7,
  kInetShutdown = 8,
  kInetDctcpInfo = 9,
  kInetProtocol = 10,
  kInetV6only = 11,
  kInetLocals = 12,
  kInetPeers = 13,
  kInetPad = 14,
  kInetMark = 15,
  kInetBbrInfo = 16,
  kInetClassId = 17,
  kInetMd5 = 18,
  kInetUlp = 19,
  kInetStorages = 20,
  kInetCgroup = 21,
  kInetSockopt = 22,
};

// ---- unix_diag ----

/// struct unix_diag_req; struct vsock_diag_req has the same layout.
struct UnixRequest {
  u8 family, protocol;
  u16 pad;
  u32 states, inode, show;
  u32 cookie[2];
};
static_assert(sizeof(UnixRequest) == 24 && offsetof(UnixRequest, states) == 4 && offsetof(UnixRequest, show) == 12);
using VsockRequest = UnixRequest;

enum : u32 {  // UDIAG_SHOW_*
  kUnixShowName = 0x1,
  kUnixShowVfs = 0x2,
  kUnixShowPeer = 0x4,
  kUnixShowPending = 0x8,
  kUnixShowQueues = 0x10,
  kUnixShowMeminfo = 0x20,
  kUnixShowUid = 0x40,
};

/// struct unix_diag_msg
struct UnixMessage {
  u8 family, type, state, pad;
  u32 inode;
  u32 cookie[2];
};
static_assert(sizeof(UnixMessage) == 16 && offsetof(UnixMessage, inode) == 4 && offsetof(UnixMessage, cookie) == 8);

/// UNIX_DIAG_*
enum : u16 {
  kUnixName = 0,
  kUnixVfs = 1,      ///< inode and device, two u32
  kUnixPeer = 2,
  kUnixPending = 3,  ///< UNIX_DIAG_ICONS: u32 inodes
  kUnixQueues = 4,   ///< UNIX_DIAG_RQLEN: two u32
  kUnixMeminfo = 5,
  kUnixShutdown = 6,
  kUnixUid = 7,
};

// ---- netlink_diag, packet_diag, xdp_diag: requests have the same layout ----

/// struct netlink_diag_req, packet_diag_req, xdp_diag_req
struct ShowRequest {
  u8 family, protocol;
  u16 pad;
  u32 inode, show;
  u32 cookie[2];
};
static_assert(sizeof(ShowRequest) == 20 && offsetof(ShowRequest, inode) == 4 && offsetof(ShowRequest, show) == 8);

inline constexpr u8 kNetlinkAllProtocols = 255;                      // NDIAG_PROTO_ALL
enum : u32 { kNetlinkShowMeminfo = 0x1, kNetlinkShowGroups = 0x2 };  // NDIAG_SHOW_*
enum : u16 { kNetlinkMeminfo = 0, kNetlinkGroups = 1, kNetlinkRxRing = 2, kNetlinkTxRing = 3, kNetlinkFlags = 4 };

/// struct netlink_diag_msg
struct NetlinkMessage {
  u8 family, type, protocol, state;
  u32 port_id, destination_port_id, destination_group, inode;
  u32 cookie[2];
};
static_assert(sizeof(NetlinkMessage) == 28 && offsetof(NetlinkMessage, inode) == 16);

enum : u32 {  // PACKET_SHOW_*
  kPacketShowInfo = 0x1,
  kPacketShowRings = 0x4,
  kPacketShowFanout = 0x8,
  kPacketShowMeminfo = 0x10,
  kPacketShowFilter = 0x20,
};
enum : u16 {  // PACKET_DIAG_*
  kPacketInfo = 0,
  kPacketMulticast = 1,
  kPacketRxRing = 2,
  kPacketTxRing = 3,
  kPacketFanout = 4,
  kPacketUid = 5,
  kPacketMeminfo = 6,
  kPacketFilter = 7,
};

/// struct packet_diag_msg
struct PacketMessage {
  u8 family, type;
  u16 ethertype;  ///< host order
  u32 inode;
  u32 cookie[2];
};
static_assert(sizeof(PacketMessage) == 16 && offsetof(PacketMessage, ethertype) == 2);

/// struct packet_diag_info
struct PacketInfo {
  u32 ifindex, version, reserve, copy_thresh, tstamp, flags;
};
static_assert(sizeof(PacketInfo) == 24);

enum : u32 {  // XDP_SHOW_*
  kXdpShowInfo = 0x1,
  kXdpShowRings = 0x2,
  kXdpShowUmem = 0x4,
  kXdpShowMeminfo = 0x8,
  kXdpShowStats = 0x10,
};
enum : u16 {  // XDP_DIAG_*
  kXdpInfo = 1,
  kXdpUid = 2,
  kXdpRxRing = 3,
  kXdpTxRing = 4,
  kXdpUmem = 5,
  kXdpFillRing = 6,
  kXdpCompletionRing = 7,
  kXdpMeminfo = 8,
  kXdpStats = 9,
};

/// struct xdp_diag_msg
struct XdpMessage {
  u8 family, type;
  u16 pad;
  u32 inode;
  u32 cookie[2];
};
static_assert(sizeof(XdpMessage) == 16 && offsetof(XdpMessage, inode) == 4);

/// struct xdp_diag_info
struct XdpInfo {
  u32 ifindex, queue_id;
};
static_assert(sizeof(XdpInfo) == 8);

/// struct xdp_diag_umem
struct XdpUmem {
  u64 size;
  u32 id, num_pages, chunk_size, headroom, ifindex, queue_id, flags, refs;
};
static_assert(sizeof(XdpUmem) == 40 && offsetof(XdpUmem, refs) == 36);

/// struct xdp_diag_stats
struct XdpStats {
  u64 rx_dropped, rx_invalid, rx_full, fill_empty, tx_invalid, tx_empty;
};
static_assert(sizeof(XdpStats) == 48);

// ---- vsock_diag ----

/// struct vsock_diag_msg
struct VsockMessage {
  u8 family, type, state, shutdown;
  u32 source_cid, source_port, destination_cid, destination_port, inode;
  u32 cookie[2];
};
static_assert(sizeof(VsockMessage) == 32 && offsetof(VsockMessage, inode) == 20);

// ---- tipc_diag: no fixed part; everything is nested in TIPC_NLA_SOCK ----

/// struct tipc_sock_diag_req
struct TipcRequest {
  u8 family, protocol;
  u16 pad;
  u32 states;
};
static_assert(sizeof(TipcRequest) == 8 && offsetof(TipcRequest, states) == 4);

inline constexpr u16 kTipcSock = 2;  // TIPC_NLA_SOCK
enum : u16 {                         // TIPC_NLA_SOCK_*
  kTipcAddress = 1,
  kTipcRef = 2,
  kTipcConnection = 3,
  kTipcHasPublication = 4,
  kTipcStatistics = 5,
  kTipcType = 6,
  kTipcInode = 7,
  kTipcUid = 8,
  kTipcState = 9,
  kTipcCookie = 10,
  kTipcPad = 11,
  kTipcGroup = 12,
};
enum : u16 {  // TIPC_NLA_CON_*
  kTipcConnectionVia = 1,
  kTipcConnectionNode = 2,
  kTipcConnectionSock = 3,
  kTipcConnectionType = 4,
  kTipcConnectionInstance = 5,
};
enum : u16 {  // TIPC_NLA_SOCK_STAT_*: the only ones that start at 0
  kTipcReceiveQueue = 0,
  kTipcSendQueue = 1,
  kTipcLinkCongested = 2,
  kTipcConnectionCongested = 3,
  kTipcDrop = 4,
};

/// Joins the two halves of the cookie in an answer (sock_gen_cookie()).
constexpr u64 cookie_of(const u32 (&halves)[2]) { return u64{halves[1]} << 32 | halves[0]; }

constexpr std::size_t aligned(std::size_t size) { return (size + kAlignment - 1) & ~(kAlignment - 1); }

}  // namespace duostat::uapi
