// Socket families, and the kernel's tables of sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string_view>

namespace duostat {

/// Address families, with the kernel's AF_ numbers (include/linux/socket.h).
enum class Family : std::uint8_t {
  unspecified = 0,
  unix_domain = 1,
  inet = 2,
  inet6 = 10,
  netlink = 16,
  packet = 17,
  tipc = 30,
  vsock = 40,
  xdp = 44,
};

class FamilySet {
 public:
  constexpr FamilySet() = default;
  constexpr FamilySet(std::initializer_list<Family> families) {
    for (const Family f : families) add(f);
  }
  /// False for a number that no Family has: messages and files may contain one.
  constexpr bool has(Family f) const {
    return static_cast<unsigned>(f) < 64 && (bits_ >> static_cast<unsigned>(f) & 1) != 0;
  }
  constexpr bool has_any(FamilySet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr FamilySet& add(Family f) { return bits_ |= std::uint64_t{1} << static_cast<unsigned>(f), *this; }
  constexpr FamilySet operator|(FamilySet other) const { return FamilySet(bits_ | other.bits_); }
  constexpr FamilySet operator&(FamilySet other) const { return FamilySet(bits_ & other.bits_); }
  constexpr bool operator==(const FamilySet&) const = default;

 private:
  constexpr explicit FamilySet(std::uint64_t bits) : bits_(bits) {}
  std::uint64_t bits_ = 0;
};

/// A protocol, or a protocol with a socket type where users select by type. Each has one row in kProtocols.
enum class Protocol : std::uint8_t {
  tcp,
  udp,
  udplite,
  raw,
  icmp,  ///< "ping" sockets: SOCK_DGRAM with IPPROTO_ICMP or IPPROTO_ICMPV6; only procfs lists them
  dccp,
  sctp,
  mptcp,
  unix_stream,
  unix_dgram,
  unix_seqpacket,
  packet_raw,
  packet_dgram,
  netlink,
  vsock_stream,
  vsock_dgram,
  tipc,
  xdp,
  count_
};

class ProtocolSet {
 public:
  constexpr ProtocolSet() = default;
  constexpr ProtocolSet(std::initializer_list<Protocol> protocols) {
    for (const Protocol p : protocols) add(p);
  }
  constexpr bool has(Protocol p) const { return (bits_ >> static_cast<unsigned>(p) & 1) != 0; }
  constexpr bool has_any(ProtocolSet other) const { return (bits_ & other.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr int size() const { return __builtin_popcount(bits_); }
  constexpr ProtocolSet& add(Protocol p) { return bits_ |= 1u << static_cast<unsigned>(p), *this; }
  constexpr ProtocolSet& remove(Protocol p) { return bits_ &= ~(1u << static_cast<unsigned>(p)), *this; }
  constexpr ProtocolSet operator|(ProtocolSet other) const { return ProtocolSet(bits_ | other.bits_); }
  constexpr ProtocolSet operator&(ProtocolSet other) const { return ProtocolSet(bits_ & other.bits_); }
  constexpr ProtocolSet operator-(ProtocolSet other) const { return ProtocolSet(bits_ & ~other.bits_); }
  constexpr bool operator==(const ProtocolSet&) const = default;

 private:
  constexpr explicit ProtocolSet(std::uint32_t bits) : bits_(bits) {}
  std::uint32_t bits_ = 0;
};
static_assert(static_cast<unsigned>(Protocol::count_) <= 32);

inline constexpr ProtocolSet kTcpProtocols{Protocol::tcp, Protocol::mptcp};
inline constexpr ProtocolSet kUdpProtocols{Protocol::udp, Protocol::udplite};
inline constexpr ProtocolSet kUnixProtocols{Protocol::unix_stream, Protocol::unix_dgram, Protocol::unix_seqpacket};
inline constexpr ProtocolSet kPacketProtocols{Protocol::packet_raw, Protocol::packet_dgram};
inline constexpr ProtocolSet kVsockProtocols{Protocol::vsock_stream, Protocol::vsock_dgram};
inline constexpr ProtocolSet kInetProtocols{Protocol::tcp,  Protocol::udp,  Protocol::udplite, Protocol::raw,
                                            Protocol::icmp, Protocol::dccp, Protocol::sctp,    Protocol::mptcp};

/// The constant properties of a protocol.
struct ProtocolRow {
  Protocol protocol;
  std::string_view id;        ///< stable name, used as a JSON value and in messages
  FamilySet families;
  std::uint16_t ip_protocol;  ///< IPPROTO_ number (MPTCP's is 262); 0 if there is none
  std::uint8_t type;          ///< SOCK_ number; 0 if there are several
};

inline constexpr ProtocolRow kProtocols[] = {
    {Protocol::tcp, "tcp", {Family::inet, Family::inet6}, 6, 1},
    {Protocol::udp, "udp", {Family::inet, Family::inet6}, 17, 2},
    {Protocol::udplite, "udplite", {Family::inet, Family::inet6}, 136, 2},
    {Protocol::raw, "raw", {Family::inet, Family::inet6}, 255, 3},
    {Protocol::icmp, "icmp", {Family::inet, Family::inet6}, 1, 2},
    {Protocol::dccp, "dccp", {Family::inet, Family::inet6}, 33, 6},
    {Protocol::sctp, "sctp", {Family::inet, Family::inet6}, 132, 0},
    {Protocol::mptcp, "mptcp", {Family::inet, Family::inet6}, 262, 1},
    {Protocol::unix_stream, "unix_stream", {Family::unix_domain}, 0, 1},
    {Protocol::unix_dgram, "unix_dgram", {Family::unix_domain}, 0, 2},
    {Protocol::unix_seqpacket, "unix_seqpacket", {Family::unix_domain}, 0, 5},
    {Protocol::packet_raw, "packet_raw", {Family::packet}, 0, 3},
    {Protocol::packet_dgram, "packet_dgram", {Family::packet}, 0, 2},
    {Protocol::netlink, "netlink", {Family::netlink}, 0, 3},
    {Protocol::vsock_stream, "vsock_stream", {Family::vsock}, 0, 1},
    {Protocol::vsock_dgram, "vsock_dgram", {Family::vsock}, 0, 2},
    {Protocol::tipc, "tipc", {Family::tipc}, 0, 0},
    {Protocol::xdp, "xdp", {Family::xdp}, 0, 3},
};
static_assert(std::size(kProtocols) == static_cast<std::size_t>(Protocol::count_));
static_assert([] {
  for (std::size_t i = 0; i < std::size(kProtocols); ++i)
    if (kProtocols[i].protocol != static_cast<Protocol>(i)) return false;
  return true;
}());

constexpr const ProtocolRow& row_of(Protocol p) { return kProtocols[static_cast<unsigned>(p)]; }

/// The unix, packet or vsock protocol for a SOCK_ type. Unknown types count as datagram.
constexpr Protocol unix_protocol(unsigned type) {
  return type == 1 ? Protocol::unix_stream : type == 5 ? Protocol::unix_seqpacket : Protocol::unix_dgram;
}
constexpr Protocol packet_protocol(unsigned type) { return type == 3 ? Protocol::packet_raw : Protocol::packet_dgram; }
constexpr Protocol vsock_protocol(unsigned type) { return type == 1 ? Protocol::vsock_stream : Protocol::vsock_dgram; }

}  // namespace duostat
