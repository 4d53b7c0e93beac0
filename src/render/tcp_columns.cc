// Columns of connection internals: tcp_info, congestion control, MPTCP, SCTP.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include <array>
#include <type_traits>

#include "src/model/sctp_addresses.h"
#include "src/render/address.h"
#include "src/render/column.h"
#include "src/render/column_parts.h"

namespace duostat {
namespace {

using C = ColumnContext;
using T = TcpInfo;
using M = MptcpInfo;
using F = Field;

const T* info(const Socket& s) { return s.inet != nullptr && s.has(F::tcp_info) ? &s.inet->tcp_info.value : nullptr; }

/// Whether the kernel fills the member for a listener. The kernel's tcp_get_info() returns early for listeners, so that
/// all other members are zeros, and `unacked` and `sacked` hold the accept queue and its limit (columns rqueue and
/// backlog).
template <auto member>
constexpr bool for_listeners() {
  if constexpr (std::is_same_v<decltype(member), std::uint64_t T::*>)
    return member == &T::pacing_rate || member == &T::max_pacing_rate;
  else if constexpr (std::is_same_v<decltype(member), std::uint32_t T::*>)
    return member == &T::reordering || member == &T::snd_cwnd;
  else
    return false;
}

template <auto member>
bool present(const Socket& s) {
  if (s.inet == nullptr || !s.has(F::tcp_info) || !s.inet->tcp_info.has(member)) return false;
  return for_listeners<member>() || s.state != State::listen;
}

template <auto member>
Value tcp(C&, const Socket& s) {
  return present<member>(s) ? Value::of(info(s)->*member) : Value{};
}
/// A number with a special value that means "none": absent then.
template <auto member, auto none>
Value tcp_unless(C&, const Socket& s) {
  return present<member>(s) && info(s)->*member != none ? Value::of(info(s)->*member) : Value{};
}
/// tcpi_rttvar starts at zero, and is measured together with tcpi_rtt.
Value rttvar(C&, const Socket& s) {
  return present<&T::rttvar>(s) && info(s)->rtt != 0 ? Value::of(info(s)->rttvar) : Value{};
}
/// Bytes per second as bits per second; all ones: no limit.
template <auto member>
Value rate(C&, const Socket& s) {
  return present<member>(s) && info(s)->*member != ~std::uint64_t{0} ? Value::product_of(info(s)->*member, 8) : Value{};
}
/// An option of tcpi_options, or a bit of a bit field.
template <auto member, unsigned shift, unsigned bits = 1>
Value tcp_bits(C&, const Socket& s) {
  if (!present<member>(s)) return {};
  const unsigned value = static_cast<unsigned>(info(s)->*member) >> shift & ((1u << bits) - 1);
  return bits == 1 ? Value::boolean_of(value != 0) : Value::of(value);
}
/// Bits of a byte that older kernels have too, where they are always 0: absent then, unless the kernel sends `newer`,
/// which came with the bits or later.
template <auto member, unsigned shift, unsigned bits, auto newer>
Value newer_bits(C& c, const Socket& s) {
  constexpr unsigned kMask = (1u << bits) - 1;
  const bool unknown = !present<newer>(s) && present<member>(s) && (info(s)->*member >> shift & kMask) == 0;
  return unknown ? Value{} : tcp_bits<member, shift, bits>(c, s);
}
template <unsigned shift>
Value window_scale(C&, const Socket& s) {
  constexpr std::uint8_t kWscale = 4;
  return present<&T::wscale>(s) && (info(s)->options & kWscale) != 0 ? Value::of(info(s)->wscale >> shift & 15)
                                                                     : Value{};
}
constexpr std::string_view kCaStates[] = {"open", "disorder", "cwr", "recovery", "loss"};

Value ca_state(C&, const Socket& s) {
  const bool known = present<&T::ca_state>(s) && info(s)->ca_state < std::size(kCaStates);
  return known ? Value::text_of(kCaStates[info(s)->ca_state]) : Value{};
}
Value congestion(C&, const Socket& s) {
  return s.has(F::congestion) && !s.inet->congestion.empty() ? Value::text_of(s.inet->congestion) : Value{};
}

/// The values of /proc/net/tcp, for use without tcp_info.
template <auto member, bool ticks = false>
Value text_tail(C&, const Socket& s) {
  constexpr std::uint64_t kMillisecondsPerTick = 10;  // USER_HZ is 100
  if (!s.has(F::tcp_procfs) || s.inet == nullptr || !s.inet->tcp_procfs.complete) return {};
  const auto number = s.inet->tcp_procfs.*member;
  if (number < decltype(number){0}) return {};  // -1: infinite
  return Value::product_of(static_cast<std::uint64_t>(number), ticks ? kMillisecondsPerTick : 1);
}

template <Field field, auto group, auto member>
Value detail(C&, const Socket& s) {
  return s.has(field) && s.inet != nullptr ? Value::of((s.inet->*group).*member) : Value{};
}
/// The same with a special value that means "not measured".
template <Field field, auto group, auto member, auto none>
Value measured(C&, const Socket& s) {
  return s.has(field) && s.inet != nullptr && (s.inet->*group).*member != none ? Value::of((s.inet->*group).*member)
                                                                               : Value{};
}
Value bbr_bandwidth(C&, const Socket& s) {
  if (!s.has(F::bbr_info)) return {};
  return Value::product_of(std::uint64_t{s.inet->bbr.bw_hi} << 32 | s.inet->bbr.bw_lo, 8);
}
/// BBR sets its gains at the first acknowledgement; until then they are 0.
template <auto member>
Value bbr_gain(C&, const Socket& s) {
  return s.has(F::bbr_info) && s.inet->bbr.*member != 0 ? Value::real_of(s.inet->bbr.*member / 256.0) : Value{};
}

/// Of both directions, the sent and the received bytes: --rate.
enum class Direction : std::uint8_t { both, sent, received };
template <Direction direction>
Value byte_rate(C& c, const Socket& s) {
  const std::optional<ByteRate> rate = c.rates != nullptr ? c.rates->of(s) : std::nullopt;
  if (!rate) return {};
  const double bytes = direction == Direction::sent       ? rate->sent
                       : direction == Direction::received ? rate->received
                                                          : rate->sent + rate->received;
  return Value::of(static_cast<std::uint64_t>(bytes + 0.5));
}

template <auto member>
Value mptcp(C&, const Socket& s) {
  if (s.inet == nullptr || !s.has(F::mptcp_info) || !s.inet->mptcp_info.has(member)) return {};
  return Value::of(s.inet->mptcp_info.value.*member);
}
/// A number in bytes that older kernels have too, as a gap of zeros: absent if it is 0, unless the kernel sends
/// `newer`, which came with it or later.
template <auto member, auto newer>
Value mptcp_newer(C& c, const Socket& s) {
  if (s.inet == nullptr || !s.has(F::mptcp_info)) return {};
  const bool unknown = !s.inet->mptcp_info.has(newer) && s.inet->mptcp_info.value.*member == 0;
  return unknown ? Value{} : mptcp<member>(c, s);
}
/// The same, without a newer member to tell by.
template <auto member>
Value mptcp_unless_zero(C& c, const Socket& s) {
  return s.inet != nullptr && s.inet->mptcp_info.value.*member != 0 ? mptcp<member>(c, s) : Value{};
}
template <unsigned bit>
Value mptcp_flag(C&, const Socket& s) {
  if (s.inet == nullptr || !s.has(F::mptcp_info) || !s.inet->mptcp_info.has(&M::flags)) return {};
  return Value::boolean_of((s.inet->mptcp_info.value.flags >> bit & 1) != 0);
}

/// A member of struct sctp_info (include/uapi/linux/sctp.h) by type and offset.
template <class Number, std::size_t offset>
Value sctp(C&, const Socket& s) {
  Number number{};
  if (s.inet == nullptr || !s.has(F::sctp_info) || !read_at(s.inet->sctp_info, offset, number)) return {};
  return Value::of(number);
}

/// Calls `take` with the text of each address in a list of struct sockaddr_storage.
template <class Take>
void each_address(C& c, Bytes list, Take take) {
  each_sctp_address(list, [&](const Endpoint& end) {
    take(std::string_view(c.text, static_cast<std::size_t>(format_address(c.text, end.family, end.address) - c.text)));
  });
}
template <auto member>
Value addresses(C& c, const Socket& s) {
  if (s.inet == nullptr) return {};
  std::string text;
  each_address(c, s.inet->*member, [&](std::string_view a) { text.append(text.empty() ? "" : ",").append(a); });
  c.scratch = std::move(text);
  return c.scratch.empty() ? Value{} : Value::text_of(c.scratch);
}
template <auto member>
bool addresses_json(C& c, const Socket& s, std::string_view key, Json& json) {
  if (s.inet == nullptr || (s.inet->*member).empty()) return false;
  json.key(key);
  json.begin_array();
  each_address(c, s.inet->*member, [&](std::string_view a) { json.value(a); });
  json.end_array();
  return true;
}

constexpr auto us = Unit::microseconds;
constexpr auto ms = Unit::milliseconds;
using Unit::bytes, Unit::none;
constexpr auto segs = Unit::segments;
constexpr auto bps = Unit::bits_per_second;
constexpr auto I = kViewInfo;
constexpr ProtocolSet kTcp{Protocol::tcp}, kMptcp{Protocol::mptcp}, kSctp{Protocol::sctp};
constexpr FieldSet kInfo{F::tcp_info};
constexpr std::uint32_t kInfinite = 0x7fffffff, kNone32 = ~std::uint32_t{0};
constexpr std::uint32_t kUnmeasured = 0;  // of a time that is never zero once it was measured

// clang-format off
constexpr Column kTcpColumns[] = {
    {"congestion", "congestion control algorithm", Unit::text, I, {F::congestion}, kTcp, congestion},
    {"tcp_info.ca_state", "tcpi_ca_state: open, disorder, cwr, recovery, loss", Unit::text, I, kInfo, kTcp, ca_state,
     nullptr, nullptr, {}, kCaStates},
    {"tcp_info.rtt_us", "smoothed round trip time", us, I, kInfo, kTcp, tcp_unless<&T::rtt, kUnmeasured>},
    {"tcp_info.rttvar_us", "its mean deviation", us, I, kInfo, kTcp, rttvar},
    {"tcp_info.min_rtt_us", "minimum round trip time", us, I, kInfo, kTcp, tcp_unless<&T::min_rtt, kNone32>},
    {"tcp_info.rto_us", "retransmission timeout", us, I, kInfo, kTcp, tcp<&T::rto>},
    {"tcp_info.ato_us", "delayed acknowledgement timeout", us, I, kInfo, kTcp, tcp_unless<&T::ato, kUnmeasured>},
    {"tcp_info.snd_cwnd", "congestion window", segs, I, kInfo, kTcp, tcp<&T::snd_cwnd>},
    {"tcp_info.snd_ssthresh", "slow start threshold; absent while infinite", segs, I, kInfo, kTcp,
     tcp_unless<&T::snd_ssthresh, kInfinite>},
    {"tcp_info.retrans", "segments retransmitted and not yet acknowledged", segs, I, kInfo, kTcp, tcp<&T::retrans>},
    {"tcp_info.total_retrans", "segments retransmitted in total", segs, I, kInfo, kTcp, tcp<&T::total_retrans>},
    {"tcp_info.retransmits", "consecutive retransmissions", none, I, kInfo, kTcp, tcp<&T::retransmits>},
    {"tcp_info.probes", "unanswered window probes", none, I, kInfo, kTcp, tcp<&T::probes>},
    {"tcp_info.backoff", "doublings of the timeout", none, I, kInfo, kTcp, tcp<&T::backoff>},
    {"tcp_info.lost", "segments assumed lost", segs, I, kInfo, kTcp, tcp<&T::lost>},
    {"tcp_info.unacked", "segments in flight", segs, I, kInfo, kTcp, tcp<&T::unacked>},
    {"tcp_info.sacked", "segments selectively acknowledged", segs, I, kInfo, kTcp, tcp<&T::sacked>},
    {"tcp_info.fackets", "forward acknowledged segments", segs, I, kInfo, kTcp, tcp<&T::fackets>},
    {"tcp_info.reordering", "tolerated reordering", segs, I, kInfo, kTcp, tcp<&T::reordering>},
    {"tcp_info.reord_seen", "reorderings seen", none, I, kInfo, kTcp, tcp<&T::reord_seen>},
    {"tcp_info.dsack_dups", "duplicates reported by the peer", segs, I, kInfo, kTcp, tcp<&T::dsack_dups>},
    {"tcp_info.rehash", "changes of the flow label, after timeouts or by PLB", none, I, kInfo, kTcp, tcp<&T::rehash>},
    {"tcp_info.snd_mss", "sending maximum segment size", bytes, I, kInfo, kTcp, tcp<&T::snd_mss>},
    {"tcp_info.rcv_mss", "receiving maximum segment size", bytes, I, kInfo, kTcp, tcp<&T::rcv_mss>},
    {"tcp_info.advmss", "advertised maximum segment size", bytes, I, kInfo, kTcp, tcp<&T::advmss>},
    {"tcp_info.pmtu", "path MTU", bytes, I, kInfo, kTcp, tcp<&T::pmtu>},
    {"tcp_info.rcv_ssthresh", "limit of the receive window", bytes, I, kInfo, kTcp, tcp<&T::rcv_ssthresh>},
    {"tcp_info.rcv_rtt_us", "receiver's round trip time", us, I, kInfo, kTcp,
     tcp_unless<&T::rcv_rtt, kUnmeasured>},
    {"tcp_info.rcv_space", "receive buffer tuning", bytes, I, kInfo, kTcp, tcp<&T::rcv_space>},
    {"tcp_info.snd_wnd", "the peer's window", bytes, I, kInfo, kTcp, tcp<&T::snd_wnd>},
    {"tcp_info.rcv_wnd", "our window", bytes, I, kInfo, kTcp, tcp<&T::rcv_wnd>},
    {"tcp_info.snd_wscale", "window scale of the peer", none, I, kInfo, kTcp, window_scale<0>},
    {"tcp_info.rcv_wscale", "our window scale", none, I, kInfo, kTcp, window_scale<4>},
    {"tcp_info.bytes_sent", "payload sent, retransmissions included", bytes, I, kInfo, kTcp, tcp<&T::bytes_sent>},
    {"tcp_info.bytes_retrans", "payload retransmitted", bytes, I, kInfo, kTcp, tcp<&T::bytes_retrans>},
    {"tcp_info.bytes_acked", "payload acknowledged", bytes, I, kInfo, kTcp, tcp<&T::bytes_acked>},
    {"tcp_info.bytes_received", "payload received", bytes, I, kInfo, kTcp, tcp<&T::bytes_received>},
    {"tcp_info.notsent_bytes", "payload not yet sent", bytes, I, kInfo, kTcp, tcp<&T::notsent_bytes>},
    {"tcp_info.segs_out", "segments sent", segs, I, kInfo, kTcp, tcp<&T::segs_out>},
    {"tcp_info.segs_in", "segments received", segs, I, kInfo, kTcp, tcp<&T::segs_in>},
    {"tcp_info.data_segs_out", "segments with payload sent", segs, I, kInfo, kTcp, tcp<&T::data_segs_out>},
    {"tcp_info.data_segs_in", "segments with payload received", segs, I, kInfo, kTcp, tcp<&T::data_segs_in>},
    {"tcp_info.delivered", "segments delivered", segs, I, kInfo, kTcp, tcp<&T::delivered>},
    {"tcp_info.delivered_ce", "of these with congestion marks", segs, I, kInfo, kTcp, tcp<&T::delivered_ce>},
    {"tcp_info.received_ce", "segments received with congestion marks", segs, I, kInfo, kTcp, tcp<&T::received_ce>},
    {"tcp_info.rcv_ooopack", "segments received out of order", segs, I, kInfo, kTcp, tcp<&T::rcv_ooopack>},
    {"tcp_info.last_data_sent_ms", "time since payload was last sent", ms, I, kInfo, kTcp, tcp<&T::last_data_sent>},
    {"tcp_info.last_data_recv_ms", "time since payload was last received", ms, I, kInfo, kTcp, tcp<&T::last_data_recv>},
    {"tcp_info.last_ack_recv_ms", "time since an acknowledgement was last received", ms, I, kInfo, kTcp,
     tcp<&T::last_ack_recv>},
    {"tcp_info.pacing_rate_bps", "pacing rate; absent without one", bps, I, kInfo, kTcp, rate<&T::pacing_rate>},
    {"tcp_info.max_pacing_rate_bps", "its limit; absent without one", bps, I, kInfo, kTcp, rate<&T::max_pacing_rate>},
    {"tcp_info.delivery_rate_bps", "delivery rate", bps, I, kInfo, kTcp, rate<&T::delivery_rate>},
    {"tcp_info.delivery_rate_app_limited", "the rate was limited by the application", none, I, kInfo, kTcp,
     newer_bits<&T::flags, 0, 1, &T::delivery_rate>},
    {"tcp_info.fastopen_client_fail", "why fast open failed (TFO_ numbers)", none, I, kInfo, kTcp,
     newer_bits<&T::flags, 1, 2, &T::rcv_wnd>},
    {"tcp_info.busy_time_us", "time with payload to send", us, I, kInfo, kTcp, tcp<&T::busy_time>},
    {"tcp_info.rwnd_limited_us", "part of it limited by the peer's window", us, I, kInfo, kTcp, tcp<&T::rwnd_limited>},
    {"tcp_info.sndbuf_limited_us", "part of it limited by the send buffer", us, I, kInfo, kTcp,
     tcp<&T::sndbuf_limited>},
    {"tcp_info.total_rto", "timeouts", none, I, kInfo, kTcp, tcp<&T::total_rto>},
    {"tcp_info.total_rto_recoveries", "recoveries from timeouts", none, I, kInfo, kTcp, tcp<&T::total_rto_recoveries>},
    {"tcp_info.total_rto_time_ms", "time in timeout recovery", ms, I, kInfo, kTcp, tcp<&T::total_rto_time>},
    {"tcp_info.delivered_e1_bytes", "payload delivered with ECT(1)", bytes, I, kInfo, kTcp,
     tcp<&T::delivered_e1_bytes>},
    {"tcp_info.delivered_e0_bytes", "payload delivered with ECT(0)", bytes, I, kInfo, kTcp,
     tcp<&T::delivered_e0_bytes>},
    {"tcp_info.delivered_ce_bytes", "payload delivered with congestion marks", bytes, I, kInfo, kTcp,
     tcp<&T::delivered_ce_bytes>},
    {"tcp_info.received_e1_bytes", "payload received with ECT(1)", bytes, I, kInfo, kTcp, tcp<&T::received_e1_bytes>},
    {"tcp_info.received_e0_bytes", "payload received with ECT(0)", bytes, I, kInfo, kTcp, tcp<&T::received_e0_bytes>},
    {"tcp_info.received_ce_bytes", "payload received with congestion marks", bytes, I, kInfo, kTcp,
     tcp<&T::received_ce_bytes>},
    {"tcp_info.accecn", "accurate ECN: fail mode, option seen, mode, as the kernel packs them", none, I, kInfo, kTcp,
     tcp<&T::accecn>},
    {"tcp_info.timestamps", "timestamp option", none, I, kInfo, kTcp, tcp_bits<&T::options, 0>},
    {"tcp_info.sack", "selective acknowledgement option", none, I, kInfo, kTcp, tcp_bits<&T::options, 1>},
    {"tcp_info.wscale", "window scale option", none, I, kInfo, kTcp, tcp_bits<&T::options, 2>},
    {"tcp_info.ecn", "ECN option", none, I, kInfo, kTcp, tcp_bits<&T::options, 3>},
    {"tcp_info.ecn_seen", "a packet with ECT was received", none, I, kInfo, kTcp, tcp_bits<&T::options, 4>},
    {"tcp_info.syn_data", "payload in the SYN was acknowledged", none, I, kInfo, kTcp, tcp_bits<&T::options, 5>},
    {"tcp_info.usec_ts", "timestamps in microseconds", none, I, kInfo, kTcp,
     newer_bits<&T::options, 6, 1, &T::total_rto>},
    {"tcp_text.rto_ms", "retransmission timeout in /proc/net/tcp", ms, I, {F::tcp_procfs}, kTcp,
     text_tail<&TcpProcfs::rto, true>},
    {"tcp_text.ato_ms", "delayed acknowledgement timeout in /proc/net/tcp", ms, I, {F::tcp_procfs}, kTcp,
     text_tail<&TcpProcfs::ato, true>},
    {"tcp_text.qack", "quick acknowledgements and interactive mode in /proc/net/tcp", none, I, {F::tcp_procfs}, kTcp,
     text_tail<&TcpProcfs::qack>},
    {"tcp_text.snd_cwnd", "congestion window in /proc/net/tcp", segs, I, {F::tcp_procfs}, kTcp,
     text_tail<&TcpProcfs::cwnd>},
    {"tcp_text.snd_ssthresh", "slow start threshold in /proc/net/tcp", segs, I, {F::tcp_procfs}, kTcp,
     text_tail<&TcpProcfs::ssthresh>},
    {"vegas.enabled", "TCP Vegas is active", none, I, {F::vegas_info}, kTcp,
     detail<F::vegas_info, &InetDetail::vegas, &VegasInfo::enabled>},
    {"vegas.rttcnt", "measurements in this round trip", none, I, {F::vegas_info}, kTcp,
     detail<F::vegas_info, &InetDetail::vegas, &VegasInfo::rttcnt>},
    {"vegas.rtt_us", "Vegas' round trip time", us, I, {F::vegas_info}, kTcp,
     measured<F::vegas_info, &InetDetail::vegas, &VegasInfo::rtt, kInfinite>},
    {"vegas.minrtt_us", "minimum of these", us, I, {F::vegas_info}, kTcp,
     measured<F::vegas_info, &InetDetail::vegas, &VegasInfo::minrtt, kInfinite>},
    {"dctcp.enabled", "DCTCP is active", none, I, {F::dctcp_info}, kTcp,
     detail<F::dctcp_info, &InetDetail::dctcp, &DctcpInfo::enabled>},
    {"dctcp.ce_state", "last congestion mark", none, I, {F::dctcp_info}, kTcp,
     detail<F::dctcp_info, &InetDetail::dctcp, &DctcpInfo::ce_state>},
    {"dctcp.alpha", "estimate of congestion, in 1/1024", none, I, {F::dctcp_info}, kTcp,
     detail<F::dctcp_info, &InetDetail::dctcp, &DctcpInfo::alpha>},
    {"dctcp.ab_ecn_bytes", "payload acknowledged with marks", bytes, I, {F::dctcp_info}, kTcp,
     detail<F::dctcp_info, &InetDetail::dctcp, &DctcpInfo::ab_ecn>},
    {"dctcp.ab_tot_bytes", "payload acknowledged", bytes, I, {F::dctcp_info}, kTcp,
     detail<F::dctcp_info, &InetDetail::dctcp, &DctcpInfo::ab_tot>},
    {"bbr.bw_bps", "BBR's estimate of the bandwidth", bps, I, {F::bbr_info}, kTcp, bbr_bandwidth},
    {"bbr.min_rtt_us", "BBR's minimum round trip time", us, I, {F::bbr_info}, kTcp,
     measured<F::bbr_info, &InetDetail::bbr, &BbrInfo::min_rtt, kNone32>},
    {"bbr.pacing_gain", "gain of the pacing rate; absent until BBR has set it", none, I, {F::bbr_info}, kTcp,
     bbr_gain<&BbrInfo::pacing_gain>},
    {"bbr.cwnd_gain", "gain of the congestion window; absent until BBR has set it", none, I, {F::bbr_info}, kTcp,
     bbr_gain<&BbrInfo::cwnd_gain>},
    {"mptcp_info.subflows", "subflows in addition to the first", none, I, {F::mptcp_info}, kMptcp, mptcp<&M::subflows>},
    {"mptcp_info.add_addr_signal", "addresses announced", none, I, {F::mptcp_info}, kMptcp, mptcp<&M::add_addr_signal>},
    {"mptcp_info.add_addr_accepted", "announcements accepted", none, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::add_addr_accepted>},
    {"mptcp_info.subflows_max", "limit of subflows", none, I, {F::mptcp_info}, kMptcp, mptcp<&M::subflows_max>},
    {"mptcp_info.add_addr_signal_max", "limit of announcements", none, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::add_addr_signal_max>},
    {"mptcp_info.add_addr_accepted_max", "limit of accepted ones", none, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::add_addr_accepted_max>},
    {"mptcp_info.fallback", "fell back to TCP", none, I, {F::mptcp_info}, kMptcp, mptcp_flag<0>},
    {"mptcp_info.remote_key", "the peer's key was received", none, I, {F::mptcp_info}, kMptcp, mptcp_flag<1>},
    {"mptcp_info.token", "local token", none, I, {F::mptcp_info}, kMptcp, mptcp<&M::token>},
    {"mptcp_info.write_seq", "data sequence number to write", none, I, {F::mptcp_info}, kMptcp, mptcp<&M::write_seq>},
    {"mptcp_info.snd_una", "oldest unacknowledged sequence number", none, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::snd_una>},
    {"mptcp_info.rcv_nxt", "next expected sequence number", none, I, {F::mptcp_info}, kMptcp, mptcp<&M::rcv_nxt>},
    {"mptcp_info.local_addr_used", "local addresses in use", none, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::local_addr_used>},
    {"mptcp_info.local_addr_max", "limit of these", none, I, {F::mptcp_info}, kMptcp, mptcp<&M::local_addr_max>},
    {"mptcp_info.csum_enabled", "checksums are on", none, I, {F::mptcp_info}, kMptcp,
     mptcp_newer<&M::csum_enabled, &M::bytes_retrans>},
    {"mptcp_info.retransmits", "retransmissions", none, I, {F::mptcp_info}, kMptcp,
     mptcp_newer<&M::retransmits, &M::bytes_retrans>},
    {"mptcp_info.bytes_retrans", "payload retransmitted", bytes, I, {F::mptcp_info}, kMptcp, mptcp<&M::bytes_retrans>},
    {"mptcp_info.bytes_sent", "payload sent", bytes, I, {F::mptcp_info}, kMptcp, mptcp<&M::bytes_sent>},
    {"mptcp_info.bytes_received", "payload received", bytes, I, {F::mptcp_info}, kMptcp, mptcp<&M::bytes_received>},
    {"mptcp_info.bytes_acked", "payload acknowledged", bytes, I, {F::mptcp_info}, kMptcp, mptcp<&M::bytes_acked>},
    {"mptcp_info.subflows_total", "subflows, including the first", none, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::subflows_total>},
    {"mptcp_info.endp_laminar_max", "laminar endpoints", none, I, {F::mptcp_info}, kMptcp,
     mptcp_unless_zero<&M::endp_laminar_max>},
    {"mptcp_info.endp_fullmesh_max", "fullmesh endpoints", none, I, {F::mptcp_info}, kMptcp,
     mptcp_unless_zero<&M::endp_fullmesh_max>},
    {"mptcp_info.last_data_sent_ms", "time since payload was last sent", ms, I, {F::mptcp_info}, kMptcp,
     mptcp_newer<&M::last_data_sent, &M::last_data_recv>},
    {"mptcp_info.last_data_recv_ms", "time since payload was last received", ms, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::last_data_recv>},
    {"mptcp_info.last_ack_recv_ms", "time since an acknowledgement was last received", ms, I, {F::mptcp_info}, kMptcp,
     mptcp<&M::last_ack_recv>},
    {"local_addresses", "all local addresses of an SCTP socket", Unit::text, kViewInfo | kViewMemory, {F::sctp_info},
     kSctp,
     addresses<&InetDetail::local_addresses>, addresses_json<&InetDetail::local_addresses>},
    {"peer_addresses", "all addresses of the peer of an SCTP association", Unit::text, kViewInfo | kViewMemory,
     {F::sctp_info}, kSctp,
     addresses<&InetDetail::peer_addresses>, addresses_json<&InetDetail::peer_addresses>},
    {"sctp_info.tag", "association id", none, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 0>},
    {"sctp_info.state", "state, as sctp_state_t", none, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 4>},
    {"sctp_info.rwnd", "receive window", bytes, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 8>},
    {"sctp_info.unackdata", "chunks in flight", none, I, {F::sctp_info}, kSctp, sctp<std::uint16_t, 12>},
    {"sctp_info.penddata", "chunks waiting to be read", none, I, {F::sctp_info}, kSctp, sctp<std::uint16_t, 14>},
    {"sctp_info.instrms", "incoming streams", none, I, {F::sctp_info}, kSctp, sctp<std::uint16_t, 16>},
    {"sctp_info.outstrms", "outgoing streams", none, I, {F::sctp_info}, kSctp, sctp<std::uint16_t, 18>},
    {"sctp_info.fragmentation_point", "largest chunk", bytes, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 20>},
    {"sctp_info.inqueue", "chunks received", none, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 24>},
    {"sctp_info.outqueue", "chunks to send", none, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 28>},
    {"sctp_info.overall_error", "consecutive errors", none, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 32>},
    {"sctp_info.max_burst", "packets sent at once", none, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 36>},
    {"sctp_info.maxseg", "largest fragment", bytes, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 40>},
    {"sctp_info.peer_rwnd", "the peer's window", bytes, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 44>},
    {"sctp_info.peer_tag", "the peer's association id", none, I, {F::sctp_info}, kSctp, sctp<std::uint32_t, 48>},
    {"rate.total", "with --rate: rate.sent and rate.received together", bytes, 0, kInfo, kTcp,
     byte_rate<Direction::both>},
    {"rate.sent", "with --rate: payload acknowledged each second", bytes, 0, kInfo, kTcp, byte_rate<Direction::sent>},
    {"rate.received", "with --rate: payload received each second", bytes, 0, kInfo, kTcp,
     byte_rate<Direction::received>},
};
// clang-format on

}  // namespace

std::span<const Column> tcp_columns() { return kTcpColumns; }

}  // namespace duostat
