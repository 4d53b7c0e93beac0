// Internals of TCP: tcp_info item by item, MD5 keys, upper layer protocols.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss/details.h"
#include "compat/ss/ulp.h"

namespace duostat::ss {
namespace {

constexpr std::uint64_t kNone64 = ~std::uint64_t{0};
constexpr std::uint32_t kNone32 = ~std::uint32_t{0};

const TcpInfo& tcp_info_of(const Socket& socket) { return socket.inet->tcp_info.value; }

/// A counter that is shown unless it is 0.
template <Label label, auto member>
void count(View& view, const Socket& socket) {
  const std::uint64_t value = tcp_info_of(socket).*member;
  if (value != 0) Piece(view.layout, label.view()).dec(value);
}

/// The same for a 32-bit number that the original prints as signed.
template <Label label, auto member>
void signed_count(View& view, const Socket& socket) {
  const auto value = static_cast<std::int32_t>(tcp_info_of(socket).*member);
  if (value != 0) Piece(view.layout, label.view()).sdec(value);
}

/// Microseconds as milliseconds, shown unless 0.
template <Label label, auto member>
void milliseconds(View& view, const Socket& socket) {
  const std::uint32_t value = tcp_info_of(socket).*member;
  if (value != 0) Piece(view.layout, label.view()).thousandths(value);
}

struct OptionWord {
  std::uint8_t bit;
  std::string_view word;
};
constexpr OptionWord kOptionWords[] = {{1, " ts"},   {64, " usec_ts"}, {2, " sack"},
                                       {8, " ecn"}, {16, " ecnseen"}, {32, " fastopen"}};
constexpr std::uint8_t kOptionWscale = 4;

void options(View& view, const Socket& socket) {
  if (!view.request.timers) return;
  for (const OptionWord& row : kOptionWords)
    if ((tcp_info_of(socket).options & row.bit) != 0) view.layout.put(row.word);
}

void congestion(View& view, const Socket& socket) {
  constexpr std::size_t kNameMax = 15;
  if (!socket.has(Field::congestion) || socket.inet->congestion.empty()) return;
  Piece(view.layout, " ").text(view.labels.harmless(socket.inet->congestion.substr(0, kNameMax)));
}

void wscale(View& view, const Socket& socket) {
  const TcpInfo& info = tcp_info_of(socket);
  if ((info.options & kOptionWscale) != 0)
    Piece(view.layout, " wscale:").dec(info.wscale & 15).text(',').dec(info.wscale >> 4);
}

void rto(View& view, const Socket& socket) {
  constexpr std::uint32_t kUsual = 3000000;
  if (tcp_info_of(socket).rto != kUsual) milliseconds<" rto:", &TcpInfo::rto>(view, socket);
}

void rtt(View& view, const Socket& socket) {
  const TcpInfo& info = tcp_info_of(socket);
  if (info.rtt != 0)
    Piece(view.layout, " rtt:").thousandths(info.rtt).text('/').thousandths(info.rttvar);
}

void ssthresh(View& view, const Socket& socket) {
  constexpr std::uint32_t kInfinite = 0xffff;
  if (tcp_info_of(socket).snd_ssthresh < kInfinite) count<" ssthresh:", &TcpInfo::snd_ssthresh>(view, socket);
}

void dctcp(View& view, const Socket& socket) {
  if (!socket.has(Field::dctcp_info)) return;
  const DctcpInfo& d = socket.inet->dctcp;
  if (d.enabled == 0) return view.layout.put(" dctcp:fallback_mode");
  Piece(view.layout, " dctcp:(ce_state:").dec(d.ce_state).text(",alpha:").dec(d.alpha).text(",ab_ecn:").dec(d.ab_ecn)
      .text(",ab_tot:").dec(d.ab_tot).text(')');
}

void bbr(View& view, const Socket& socket) {
  if (!socket.has(Field::bbr_info)) return;
  const BbrInfo& b = socket.inet->bbr;
  {
    Piece piece(view.layout, " bbr:(bw:");
    print_rate(piece, view.request, static_cast<double>(std::uint64_t{b.bw_hi} << 32 | b.bw_lo) * 8);
    piece.text("bps,mrtt:").thousandths(b.min_rtt);
  }
  if (b.pacing_gain != 0) Piece(view.layout, ",pacing_gain:").real(b.pacing_gain / 256.0);
  if (b.cwnd_gain != 0) Piece(view.layout, ",cwnd_gain:").real(b.cwnd_gain / 256.0);
  view.layout.put(")");
}

/// The rate of one window per round trip.
void send_rate(View& view, const Socket& socket) {
  constexpr std::uint32_t kNotMeasured = 0x7fffffff;
  const TcpInfo& info = tcp_info_of(socket);
  double rtt = info.rtt;
  if (socket.has(Field::vegas_info)) {
    const VegasInfo& v = socket.inet->vegas;
    if (v.enabled != 0 && v.rtt != 0 && v.rtt != kNotMeasured) rtt = v.rtt;
  }
  if (rtt <= 0 || info.snd_mss == 0 || info.snd_cwnd == 0) return;
  Piece piece(view.layout, " send ");
  print_rate(piece, view.request, static_cast<double>(info.snd_cwnd) * info.snd_mss * 8000000 / rtt);
  piece.text("bps");
}

void pacing_rate(View& view, const Socket& socket) {
  const TcpInfo& info = tcp_info_of(socket);
  if (info.pacing_rate == 0 || info.pacing_rate == kNone64) return;
  {
    Piece piece(view.layout, " pacing_rate ");
    print_rate(piece, view.request, static_cast<double>(info.pacing_rate) * 8);
    piece.text("bps");
  }
  if (info.max_pacing_rate == 0 || info.max_pacing_rate == kNone64) return;
  Piece piece(view.layout, "/");
  print_rate(piece, view.request, static_cast<double>(info.max_pacing_rate) * 8);
  piece.text("bps");
}

void delivery_rate(View& view, const Socket& socket) {
  const std::uint64_t rate = tcp_info_of(socket).delivery_rate;
  if (rate == 0) return;
  Piece piece(view.layout, " delivery_rate ");
  print_rate(piece, view.request, static_cast<double>(rate) * 8);
  piece.text("bps");
}

void app_limited(View& view, const Socket& socket) {
  if ((tcp_info_of(socket).flags & 1) != 0) view.layout.put(" app_limited");
}

void limited_time(View& view, std::string_view label, std::uint64_t time, std::uint64_t busy) {
  if (time == 0) return;
  Piece(view.layout, label).dec(time / 1000).text("ms(")
      .fixed(100.0 * static_cast<double>(time) / static_cast<double>(busy), 1).text("%)");
}

void busy(View& view, const Socket& socket) {
  const TcpInfo& info = tcp_info_of(socket);
  if (info.busy_time == 0) return;
  Piece(view.layout, " busy:").dec(info.busy_time / 1000).text("ms");
  limited_time(view, " rwnd_limited:", info.rwnd_limited, info.busy_time);
  limited_time(view, " sndbuf_limited:", info.sndbuf_limited, info.busy_time);
}

void retrans(View& view, const Socket& socket) {
  const TcpInfo& info = tcp_info_of(socket);
  if (info.retrans != 0 || info.total_retrans != 0)
    Piece(view.layout, " retrans:").dec(info.retrans).text('/').dec(info.total_retrans);
}

void sacked(View& view, const Socket& socket) {
  if (socket.state != State::listen) count<" sacked:", &TcpInfo::sacked>(view, socket);
}

void reordering(View& view, const Socket& socket) {
  constexpr std::uint32_t kUsual = 3;
  const std::uint32_t value = tcp_info_of(socket).reordering;
  if (value != kUsual) Piece(view.layout, " reordering:").sdec(static_cast<std::int32_t>(value));
}

void min_rtt(View& view, const Socket& socket) {
  if (tcp_info_of(socket).min_rtt != kNone32) milliseconds<" minrtt:", &TcpInfo::min_rtt>(view, socket);
}

constexpr Item kTcpItems[] = {
    options,
    congestion,
    wscale,
    rto,
    count<" backoff:", &TcpInfo::backoff>,
    rtt,
    milliseconds<" ato:", &TcpInfo::ato>,
    signed_count<" mss:", &TcpInfo::snd_mss>,
    count<" pmtu:", &TcpInfo::pmtu>,
    signed_count<" rcvmss:", &TcpInfo::rcv_mss>,
    signed_count<" advmss:", &TcpInfo::advmss>,
    count<" cwnd:", &TcpInfo::snd_cwnd>,
    ssthresh,
    count<" bytes_sent:", &TcpInfo::bytes_sent>,
    count<" bytes_retrans:", &TcpInfo::bytes_retrans>,
    count<" bytes_acked:", &TcpInfo::bytes_acked>,
    count<" bytes_received:", &TcpInfo::bytes_received>,
    count<" segs_out:", &TcpInfo::segs_out>,
    count<" segs_in:", &TcpInfo::segs_in>,
    count<" data_segs_out:", &TcpInfo::data_segs_out>,
    count<" data_segs_in:", &TcpInfo::data_segs_in>,
    dctcp,
    bbr,
    send_rate,
    count<" lastsnd:", &TcpInfo::last_data_sent>,
    count<" lastrcv:", &TcpInfo::last_data_recv>,
    count<" lastack:", &TcpInfo::last_ack_recv>,
    pacing_rate,
    delivery_rate,
    count<" delivered:", &TcpInfo::delivered>,
    count<" delivered_ce:", &TcpInfo::delivered_ce>,
    app_limited,
    busy,
    count<" unacked:", &TcpInfo::unacked>,
    retrans,
    count<" lost:", &TcpInfo::lost>,
    sacked,
    count<" dsack_dups:", &TcpInfo::dsack_dups>,
    count<" fackets:", &TcpInfo::fackets>,
    reordering,
    signed_count<" reord_seen:", &TcpInfo::reord_seen>,
    milliseconds<" rcv_rtt:", &TcpInfo::rcv_rtt>,
    signed_count<" rcv_space:", &TcpInfo::rcv_space>,
    count<" rcv_ssthresh:", &TcpInfo::rcv_ssthresh>,
    count<" notsent:", &TcpInfo::notsent_bytes>,
    min_rtt,
    count<" rcv_ooopack:", &TcpInfo::rcv_ooopack>,
    count<" snd_wnd:", &TcpInfo::snd_wnd>,
    count<" rcv_wnd:", &TcpInfo::rcv_wnd>,
    count<" rehash:", &TcpInfo::rehash>,
};

}  // namespace

void print_tcp_internals(View& view, const Socket& socket) {
  if (socket.has(Field::tcp_info))
    for (const Item item : kTcpItems) item(view, socket);
  if (socket.has(Field::md5_keys)) print_md5_keys(view, socket.inet->md5_keys);
  if (socket.has(Field::ulp)) print_ulp(view, socket.inet->ulp);
}

}  // namespace duostat::ss
