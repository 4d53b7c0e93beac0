// SPDX-License-Identifier: GPL-2.0-or-later
#include "src/diag/bit_fields.h"
#include "src/diag/inet.h"

namespace duostat {
namespace {

using InetRow = AttributeRow<InetTarget>;

constexpr std::uint32_t extension(uapi::InetAttribute attribute) { return 1u << (attribute - 1); }

/// Marks a member of InetDetail as received.
bool mark_received(InetTarget& t, Field field) noexcept {
  t.socket.inet = &t.detail;
  t.socket.present.add(field);
  return true;
}

/// Fixed-size member of InetDetail.
template <auto Member, Field field>
bool fixed(Bytes value, InetTarget& t) noexcept {
  return read_at(value, 0, t.detail.*Member) && mark_received(t, field);
}
/// Member of InetDetail that keeps the raw bytes.
template <Bytes InetDetail::*Member, Field field>
bool raw(Bytes value, InetTarget& t) noexcept {
  t.detail.*Member = value;
  return mark_received(t, field);
}
/// Member of Socket's fixed part.
template <auto Member, Field field>
bool common(Bytes value, InetTarget& t) noexcept {
  return read_field(value, t.socket, field, t.socket.*Member);
}

bool meminfo(Bytes value, InetTarget& t) noexcept {
  return read_at(value, 0, t.detail.memory.meminfo) && mark_received(t, Field::meminfo);
}

bool skmem(Bytes value, InetTarget& t) noexcept {
  return read_skmem(value, t.socket, t.detail.memory) && mark_received(t, Field::skmem);
}

/// Fills two fields: tcp_info, and from its counters icsk_retransmits and icsk_probes_out the same as /proc/net/tcp
/// has.
bool tcp_info(Bytes value, InetTarget& t) noexcept {
  t.detail.tcp_info.assign(value);
  normalise_bit_fields(t.detail.tcp_info.value, std::endian::native);
  if (t.detail.tcp_info.has(&TcpInfo::probes)) {
    t.socket.retransmits = t.detail.tcp_info.value.retransmits;
    t.socket.probes = t.detail.tcp_info.value.probes;
    t.socket.present.add(Field::retransmits);
  }
  return mark_received(t, Field::tcp_info);
}

bool mptcp_info(Bytes value, InetTarget& t) noexcept {
  t.detail.mptcp_info.assign(value);
  return mark_received(t, Field::mptcp_info);
}

bool congestion(Bytes value, InetTarget& t) noexcept {
  const std::string_view text(reinterpret_cast<const char*>(value.data()), value.size());
  t.detail.congestion = text.substr(0, text.find('\0'));
  return mark_received(t, Field::congestion);
}

bool sockopt(Bytes value, InetTarget& t) noexcept {
  if (!read_at(value, 0, t.detail.sockopt)) return false;
  for (std::uint8_t& flags : t.detail.sockopt) flags = normal_bits(flags, std::endian::native);
  return mark_received(t, Field::sockopt);
}

bool padding(Bytes, InetTarget&) noexcept { return true; }

using D = InetDetail;
using S = Socket;
using P = Protocol;
using F = Field;
constexpr ProtocolSet kSctp{P::sctp}, kMptcp{P::mptcp};
constexpr ProtocolSet kTcpLike = kInetProtocols - kSctp - kMptcp;
constexpr ProtocolSet kTcp{P::tcp}, kTcpDccp{P::tcp, P::dccp}, kRaw{P::raw}, kAll = kEveryProtocol;

// Attributes above 8 have no extension bit: the kernel sends them always, or with another attribute's bit.
constexpr InetRow kInetRows[] = {
    {F::meminfo, extension(uapi::kInetMeminfo), uapi::kInetMeminfo, meminfo},
    {F::tcp_info, extension(uapi::kInetInfo), uapi::kInetInfo, tcp_info, false, kTcpLike, kTcpDccp},
    {F::retransmits, extension(uapi::kInetInfo), uapi::kInetInfo, tcp_info, false, kTcpLike, kTcp},
    {F::sctp_info, extension(uapi::kInetInfo), uapi::kInetInfo, raw<&D::sctp_info, F::sctp_info>, false, kSctp},
    {F::mptcp_info, extension(uapi::kInetInfo), uapi::kInetInfo, mptcp_info, false, kMptcp},
    {F::vegas_info, extension(uapi::kInetVegasInfo), uapi::kInetVegasInfo, fixed<&D::vegas, F::vegas_info>, false, kAll,
     kTcp},
    {F::congestion, extension(uapi::kInetCongestion), uapi::kInetCongestion, congestion, false, kAll, kTcp},
    {F::tos, extension(uapi::kInetTos), uapi::kInetTos, fixed<&D::tos, F::tos>},
    {F::tclass, extension(uapi::kInetTclass), uapi::kInetTclass, fixed<&D::tclass, F::tclass>},
    {F::skmem, extension(uapi::kInetSkMeminfo), uapi::kInetSkMeminfo, skmem},
    {F::drops, extension(uapi::kInetSkMeminfo), uapi::kInetSkMeminfo, skmem},
    {F::shutdown, 0, uapi::kInetShutdown, common<&S::shutdown, F::shutdown>},
    {F::dctcp_info, extension(uapi::kInetVegasInfo), uapi::kInetDctcpInfo, fixed<&D::dctcp, F::dctcp_info>, false, kAll,
     kTcp},
    {F::ip_protocol, 0, uapi::kInetProtocol, common<&S::ip_protocol, F::ip_protocol>, false, kAll, kRaw},
    {F::v6only, 0, uapi::kInetV6only, common<&S::v6only, F::v6only>},
    // Always decoded: without these lists an end of the other family has no address (known_end(),
    // src/model/sctp_addresses.h).
    {F::sctp_info, extension(uapi::kInetInfo), uapi::kInetLocals, raw<&D::local_addresses, F::sctp_info>, true, kSctp},
    {F::sctp_info, extension(uapi::kInetInfo), uapi::kInetPeers, raw<&D::peer_addresses, F::sctp_info>, true, kSctp},
    {F::queues, 0, uapi::kInetPad, padding},
    {F::mark, 0, uapi::kInetMark, common<&S::mark, F::mark>},
    {F::bbr_info, extension(uapi::kInetVegasInfo), uapi::kInetBbrInfo, fixed<&D::bbr, F::bbr_info>, false, kAll, kTcp},
    {F::class_id, extension(uapi::kInetTclass), uapi::kInetClassId, fixed<&D::class_id, F::class_id>},
    {F::md5_keys, 0, uapi::kInetMd5, raw<&D::md5_keys, F::md5_keys>, false, kAll, kTcp},
    {F::ulp, 0, uapi::kInetUlp, raw<&D::ulp, F::ulp>, false, kAll, kTcp},
    {F::bpf_storage, 0, uapi::kInetStorages, raw<&D::bpf_storages, F::bpf_storage>},
    {F::cgroup, 0, uapi::kInetCgroup, common<&S::cgroup_id, F::cgroup>},
    {F::sockopt, 0, uapi::kInetSockopt, sockopt},
};

}  // namespace

std::span<const InetRow> inet_attribute_rows() { return kInetRows; }

InetAttributes inet_attributes(FieldSet wanted, Protocol protocol, bool everything) {
  return {kInetRows, wanted, protocol, everything};
}

}  // namespace duostat
