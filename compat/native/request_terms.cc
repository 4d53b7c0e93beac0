// The structures of requests as tables: members with offset, size and constants.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/native/request_terms.h"

#include <arpa/inet.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "src/diag/message.h"
#include "src/rtnl/abi.h"

namespace duostat::native {
namespace {

struct Constant {
  std::uint64_t value;
  std::string_view name;
};

constexpr Constant kFamilies[] = {{0, "AF_UNSPEC"}, {1, "AF_UNIX"},     {2, "AF_INET"},
                                  {10, "AF_INET6"}, {16, "AF_NETLINK"}, {17, "AF_PACKET"},
                                  {30, "AF_TIPC"},  {40, "AF_VSOCK"},   {44, "AF_XDP"}};
constexpr Constant kIpProtocols[] = {{6, "IPPROTO_TCP"},    {17, "IPPROTO_UDP"},      {33, "IPPROTO_DCCP"},
                                     {132, "IPPROTO_SCTP"}, {136, "IPPROTO_UDPLITE"}, {255, "IPPROTO_RAW"},
                                     {262, "IPPROTO_MPTCP"}};
constexpr Constant kDiagTypes[] = {{uapi::kTcpDiagGetSock, "TCPDIAG_GETSOCK"},
                                   {uapi::kDccpDiagGetSock, "DCCPDIAG_GETSOCK"},
                                   {uapi::kSockDiagByFamily, "SOCK_DIAG_BY_FAMILY"},
                                   {uapi::kSockDestroy, "SOCK_DESTROY"}};
constexpr Constant kRouteTypes[] = {{rtnl::abi::kGetLink, "RTM_GETLINK"},
                                    {rtnl::abi::kGetAddress, "RTM_GETADDR"},
                                    {rtnl::abi::kGetRoute, "RTM_GETROUTE"},
                                    {rtnl::abi::kGetMulticast, "RTM_GETMULTICAST"}};
constexpr Constant kStates[] = {{1, "TCP_ESTABLISHED"},    {2, "TCP_SYN_SENT"},   {3, "TCP_SYN_RECV"},
                                {4, "TCP_FIN_WAIT1"},      {5, "TCP_FIN_WAIT2"},  {6, "TCP_TIME_WAIT"},
                                {7, "TCP_CLOSE"},          {8, "TCP_CLOSE_WAIT"}, {9, "TCP_LAST_ACK"},
                                {10, "TCP_LISTEN"},        {11, "TCP_CLOSING"},   {12, "TCP_NEW_SYN_RECV"},
                                {13, "TCP_BOUND_INACTIVE"}};
constexpr Constant kGroups[] = {{uapi::kTcpDestroyed, "SKNLGRP_INET_TCP_DESTROY"},
                                {uapi::kUdpDestroyed, "SKNLGRP_INET_UDP_DESTROY"},
                                {uapi::kTcp6Destroyed, "SKNLGRP_INET6_TCP_DESTROY"},
                                {uapi::kUdp6Destroyed, "SKNLGRP_INET6_UDP_DESTROY"}};
// Bits by value.
constexpr Constant kFlags[] = {
    {0x1, "NLM_F_REQUEST"}, {0x2, "NLM_F_MULTI"}, {0x4, "NLM_F_ACK"}, {0x100, "NLM_F_ROOT"}, {0x200, "NLM_F_MATCH"}};
constexpr Constant kExtensions[] = {{1u << 0, "INET_DIAG_MEMINFO"},   {1u << 1, "INET_DIAG_INFO"},
                                    {1u << 2, "INET_DIAG_VEGASINFO"}, {1u << 3, "INET_DIAG_CONG"},
                                    {1u << 4, "INET_DIAG_TOS"},       {1u << 5, "INET_DIAG_TCLASS"},
                                    {1u << 6, "INET_DIAG_SKMEMINFO"}, {1u << 7, "INET_DIAG_SHUTDOWN"}};
constexpr Constant kUnixShow[] = {{0x1, "UDIAG_SHOW_NAME"},  {0x2, "UDIAG_SHOW_VFS"},    {0x4, "UDIAG_SHOW_PEER"},
                                  {0x8, "UDIAG_SHOW_ICONS"}, {0x10, "UDIAG_SHOW_RQLEN"}, {0x20, "UDIAG_SHOW_MEMINFO"},
                                  {0x40, "UDIAG_SHOW_UID"}};
constexpr Constant kNetlinkShow[] = {{0x1, "NDIAG_SHOW_MEMINFO"}, {0x2, "NDIAG_SHOW_GROUPS"}};
constexpr Constant kPacketShow[] = {{0x1, "PACKET_SHOW_INFO"},
                                    {0x4, "PACKET_SHOW_RING_CFG"},
                                    {0x8, "PACKET_SHOW_FANOUT"},
                                    {0x10, "PACKET_SHOW_MEMINFO"},
                                    {0x20, "PACKET_SHOW_FILTER"}};
constexpr Constant kXdpShow[] = {{0x1, "XDP_SHOW_INFO"},
                                 {0x2, "XDP_SHOW_RING_CFG"},
                                 {0x4, "XDP_SHOW_UMEM"},
                                 {0x8, "XDP_SHOW_MEMINFO"},
                                 {0x10, "XDP_SHOW_STATS"}};
constexpr Constant kAllProtocols[] = {{uapi::kNetlinkAllProtocols, "NDIAG_PROTO_ALL"}};
constexpr Constant kAttributes[] = {{uapi::kInetRequestBytecode, "INET_DIAG_REQ_BYTECODE"},
                                    {uapi::kInetRequestStorages, "INET_DIAG_REQ_SK_BPF_STORAGES"},
                                    {uapi::kInetRequestProtocol, "INET_DIAG_REQ_PROTOCOL"}};

std::string_view name_in(std::span<const Constant> table, std::uint64_t value) {
  const auto at = std::ranges::find(table, value, &Constant::value);
  return at == table.end() ? std::string_view() : at->name;
}

std::vector<std::string> one_of(std::span<const Constant> table, std::uint64_t value) {
  const std::string_view name = name_in(table, value);
  return name.empty() ? std::vector<std::string>{} : std::vector<std::string>{std::string(name)};
}

std::vector<std::string> bits_of(std::span<const Constant> table, std::uint64_t value) {
  std::vector<std::string> words;
  for (const Constant& row : table)
    if ((value & row.value) != 0) words.emplace_back(row.name), value &= ~row.value;
  if (value != 0) words.push_back(fmt::format("{:#x}", value));
  return words;
}

template <const auto& table>
std::vector<std::string> enumerated(std::uint64_t value) {
  return one_of(table, value);
}
template <const auto& table>
std::vector<std::string> flagged(std::uint64_t value) {
  return bits_of(table, value);
}

enum class Show : std::uint8_t { number, bits, port, address, words };
struct Member {
  std::string_view name;
  std::uint8_t offset, size;
  Show show;
  std::vector<std::string> (*words)(std::uint64_t value);
};
struct Structure {
  std::string_view name;
  std::span<const Member> members;
  std::size_t size;
};

constexpr Member kHeader[] = {{"nlmsg_len", 0, 4, Show::number, nullptr},
                              {"nlmsg_type", 4, 2, Show::number, enumerated<kDiagTypes>},
                              {"nlmsg_flags", 6, 2, Show::bits, flagged<kFlags>},
                              {"nlmsg_seq", 8, 4, Show::number, nullptr},
                              {"nlmsg_pid", 12, 4, Show::number, nullptr}};
constexpr Member kRouteHeader[] = {
    kHeader[0], {"nlmsg_type", 4, 2, Show::number, enumerated<kRouteTypes>}, kHeader[2], kHeader[3], kHeader[4]};
constexpr Member kSockId[] = {
    {"idiag_sport", 0, 2, Show::port, nullptr},   {"idiag_dport", 2, 2, Show::port, nullptr},
    {"idiag_src", 4, 16, Show::address, nullptr}, {"idiag_dst", 20, 16, Show::address, nullptr},
    {"idiag_if", 36, 4, Show::number, nullptr},   {"idiag_cookie", 40, 8, Show::bits, nullptr}};
constexpr Member kInet[] = {{"sdiag_family", 0, 1, Show::number, enumerated<kFamilies>},
                            {"sdiag_protocol", 1, 1, Show::number, enumerated<kIpProtocols>},
                            {"idiag_ext", 2, 1, Show::bits, flagged<kExtensions>},
                            {"pad", 3, 1, Show::number, nullptr},
                            {"idiag_states", 4, 4, Show::bits, state_constants}};
constexpr Member kInetRaw[] = {
    kInet[0], kInet[1], kInet[2], {"sdiag_raw_protocol", 3, 1, Show::number, enumerated<kIpProtocols>}, kInet[4]};
constexpr Member kInetLegacy[] = {{"idiag_family", 0, 1, Show::number, enumerated<kFamilies>},
                                  {"idiag_src_len", 1, 1, Show::number, nullptr},
                                  {"idiag_dst_len", 2, 1, Show::number, nullptr},
                                  {"idiag_ext", 3, 1, Show::bits, flagged<kExtensions>},
                                  {"idiag_states", 52, 4, Show::bits, state_constants},
                                  {"idiag_dbs", 56, 4, Show::number, nullptr}};
constexpr Member kFamilyMember{"sdiag_family", 0, 1, Show::number, enumerated<kFamilies>};
constexpr Member kProtocolMember{"sdiag_protocol", 1, 1, Show::number, nullptr};
constexpr Member kPadMember{"pad", 2, 2, Show::number, nullptr};
constexpr Member kUnix[] = {kFamilyMember,
                            kProtocolMember,
                            kPadMember,
                            {"udiag_states", 4, 4, Show::bits, state_constants},
                            {"udiag_ino", 8, 4, Show::number, nullptr},
                            {"udiag_show", 12, 4, Show::bits, flagged<kUnixShow>},
                            {"udiag_cookie", 16, 8, Show::bits, nullptr}};
constexpr Member kVsock[] = {kFamilyMember,
                             kProtocolMember,
                             kPadMember,
                             {"vdiag_states", 4, 4, Show::bits, state_constants},
                             {"vdiag_ino", 8, 4, Show::number, nullptr},
                             {"vdiag_show", 12, 4, Show::bits, nullptr},
                             {"vdiag_cookie", 16, 8, Show::bits, nullptr}};
constexpr Member kNetlink[] = {kFamilyMember,
                               {"sdiag_protocol", 1, 1, Show::number, enumerated<kAllProtocols>},
                               kPadMember,
                               {"ndiag_ino", 4, 4, Show::number, nullptr},
                               {"ndiag_show", 8, 4, Show::bits, flagged<kNetlinkShow>},
                               {"ndiag_cookie", 12, 8, Show::bits, nullptr}};
constexpr Member kPacket[] = {kFamilyMember,
                              kProtocolMember,
                              kPadMember,
                              {"pdiag_ino", 4, 4, Show::number, nullptr},
                              {"pdiag_show", 8, 4, Show::bits, flagged<kPacketShow>},
                              {"pdiag_cookie", 12, 8, Show::bits, nullptr}};
constexpr Member kXdp[] = {kFamilyMember,
                           kProtocolMember,
                           kPadMember,
                           {"xdiag_ino", 4, 4, Show::number, nullptr},
                           {"xdiag_show", 8, 4, Show::bits, flagged<kXdpShow>},
                           {"xdiag_cookie", 12, 8, Show::bits, nullptr}};
constexpr Member kTipc[] = {
    kFamilyMember, kProtocolMember, kPadMember, {"tidiag_states", 4, 4, Show::bits, state_constants}};
constexpr Member kRoute[] = {{"rtgen_family", 0, 1, Show::number, enumerated<kFamilies>}};

constexpr Structure kInetStructure{"inet_diag_req_v2", kInet, sizeof(uapi::InetRequest)};
constexpr Structure kInetRawStructure{"inet_diag_req_raw", kInetRaw, sizeof(uapi::InetRequest)};
constexpr Structure kInetLegacyStructure{"inet_diag_req", kInetLegacy, sizeof(uapi::InetRequestLegacy)};
constexpr Structure kRouteStructure{"rtgenmsg", kRoute, 16};
struct FamilyStructure {
  Family family;
  Structure structure;
};
constexpr FamilyStructure kByFamily[] = {
    {Family::inet, kInetStructure},
    {Family::inet6, kInetStructure},
    {Family::unix_domain, {"unix_diag_req", kUnix, sizeof(uapi::UnixRequest)}},
    {Family::netlink, {"netlink_diag_req", kNetlink, sizeof(uapi::ShowRequest)}},
    {Family::packet, {"packet_diag_req", kPacket, sizeof(uapi::ShowRequest)}},
    {Family::xdp, {"xdp_diag_req", kXdp, sizeof(uapi::ShowRequest)}},
    {Family::vsock, {"vsock_diag_req", kVsock, sizeof(uapi::VsockRequest)}},
    {Family::tipc, {"tipc_sock_diag_req", kTipc, sizeof(uapi::TipcRequest)}},
};

const Structure* structure_of(int protocol, std::uint16_t type, Bytes payload) {
  if (protocol == rtnl::abi::kNetlinkRoute) return &kRouteStructure;
  if (type == uapi::kTcpDiagGetSock || type == uapi::kDccpDiagGetSock) return &kInetLegacyStructure;
  uapi::InetRequest body{};
  read_at(payload, 0, body);
  if (type == uapi::kSockDestroy && body.protocol == 255) return &kInetRawStructure;
  const auto* at = std::ranges::find(kByFamily, payload.empty() ? Family{} : static_cast<Family>(payload[0]),
                                     &FamilyStructure::family);
  return at == std::end(kByFamily) ? nullptr : &at->structure;
}

std::string address_text(Bytes bytes, std::uint8_t family) {
  char text[INET6_ADDRSTRLEN];
  return ::inet_ntop(family == 10 ? AF_INET6 : AF_INET, bytes.data(), text, sizeof text) != nullptr ? text : "";
}

Term term_of(const Member& member, Bytes structure, std::uint8_t family) {
  Term term;
  term.name = member.name;
  term.size = member.size;
  term.bits = member.show == Show::bits;
  if (member.show == Show::address) {
    term.text = address_text(structure.subspan(member.offset, member.size), family);
    return term;
  }
  term.value = wire_number(structure.subspan(member.offset, member.size),
                           member.show == Show::port ? std::endian::big : std::endian::native);
  if (member.words != nullptr) term.words = member.words(term.value);
  return term;
}

Part part_of(std::string_view name, std::span<const Member> members, Bytes message, std::size_t offset,
             std::size_t size, std::uint8_t family) {
  Part part{name, offset, size, false, {}};
  const Bytes structure = message.subspan(offset, size);
  for (const Member& member : members) part.terms.push_back(term_of(member, structure, family));
  return part;
}

/// struct inet_diag_sockid inside of a request. A dump asks for no socket in particular.
Part sock_id(Bytes message, std::size_t offset, std::uint8_t family) {
  Part part = part_of("inet_diag_sockid", kSockId, message, offset, sizeof(uapi::InetSockId), family);
  const Bytes bytes = message.subspan(offset, sizeof(uapi::InetSockId));
  if (std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{}; })) part.note = "all zero: any socket";
  return part;
}

std::string attribute_note(const Attribute& attribute) {
  std::uint32_t number = 0;
  if (attribute.type == uapi::kInetRequestBytecode) return "the filter's program, for inet_diag_bc_run()";
  if (attribute.type == uapi::kInetRequestStorages) return "empty: all BPF maps";
  if (attribute.type == uapi::kInetRequestProtocol && read_at(attribute.value, 0, number))
    return fmt::format("{} {}: does not fit the u8 sdiag_protocol", number, name_in(kIpProtocols, number));
  return {};
}

void decode_attributes(Bytes payload, std::size_t fixed, std::size_t base, DecodedRequest& decoded) {
  AttributeWalk walk(payload, fixed);
  for (Attribute attribute; walk.next(attribute);) {
    const auto value = static_cast<std::size_t>(attribute.value.data() - payload.data());
    Part part{name_in(kAttributes, attribute.type),
              base + value - sizeof(uapi::AttributeHeader),
              sizeof(uapi::AttributeHeader) + attribute.value.size(),
              true,
              {}};
    part.terms = {{"nla_len", part.size, 2, false, {}},
                  {"nla_type", attribute.type, 2, false, one_of(kAttributes, attribute.type)}};
    part.note = attribute_note(attribute);
    decoded.parts.push_back(std::move(part));
    if (attribute.type == uapi::kInetRequestBytecode)
      decoded.bytecode.assign(attribute.value.begin(), attribute.value.end());
  }
}

}  // namespace

std::uint64_t wire_number(Bytes member, std::endian order) {
  constexpr std::size_t kWord = 4;
  if (member.size() > kWord)
    return wire_number(member.first(kWord), order) | wire_number(member.subspan(kWord), order) << 32;
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < member.size(); ++i)
    number =
        number << 8 | std::to_integer<std::uint64_t>(member[order == std::endian::big ? i : member.size() - 1 - i]);
  return number;
}

std::string_view family_constant(std::uint64_t family) { return name_in(kFamilies, family); }
std::string_view group_constant(std::uint32_t group) { return name_in(kGroups, group); }

std::vector<std::string> state_constants(std::uint64_t states) {
  std::vector<std::string> words;
  for (const Constant& row : kStates)
    if ((states >> row.value & 1) != 0) words.emplace_back(row.name);
  return words;
}

DecodedRequest decode(const PlannedRequest& request) {
  constexpr std::size_t kHeaderSize = sizeof(uapi::MessageHeader);
  DecodedRequest decoded;
  const bool route = request.netlink_protocol == rtnl::abi::kNetlinkRoute;
  decoded.protocol = route ? "NETLINK_ROUTE" : "NETLINK_SOCK_DIAG";
  const Bytes message = request.bytes;
  uapi::MessageHeader header{};
  if (!read_at(message, 0, header)) return decoded;
  decoded.title =
      name_in(route ? std::span<const Constant>(kRouteTypes) : std::span<const Constant>(kDiagTypes), header.type);
  decoded.parts.push_back(part_of("nlmsghdr",
                                  route ? std::span<const Member>(kRouteHeader) : std::span<const Member>(kHeader),
                                  message, 0, kHeaderSize, 0));
  const Bytes payload = message.subspan(kHeaderSize);
  const Structure* structure = structure_of(request.netlink_protocol, header.type, payload);
  if (structure == nullptr || payload.size() < structure->size) return decoded;
  const auto family = static_cast<std::uint8_t>(payload[0]);
  decoded.parts.push_back(part_of(structure->name, structure->members, message, kHeaderSize, structure->size, family));
  decoded.title += fmt::format(" {}", family_constant(family));
  if (route) decoded.parts.back().note = "followed by zeros, for kernels that read a struct ifinfomsg there";
  if (structure->name.starts_with("inet_diag_req")) {
    const bool legacy = structure == &kInetLegacyStructure;
    const std::size_t at = legacy ? offsetof(uapi::InetRequestLegacy, id) : offsetof(uapi::InetRequest, id);
    if (!legacy) decoded.title += fmt::format(" {}", name_in(kIpProtocols, static_cast<std::uint64_t>(payload[1])));
    if (legacy) decoded.parts.back().note = "AF_INET and AF_INET6 in one walk: the kernel ignores idiag_family";
    decoded.parts.push_back(sock_id(message, kHeaderSize + at, family));
  }
  decode_attributes(payload, structure->size, kHeaderSize, decoded);
  return decoded;
}

}  // namespace duostat::native
