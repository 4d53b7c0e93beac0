// SPDX-License-Identifier: GPL-2.0-or-later
#include "compat/ss2/tcp_info.h"

#include <iterator>

namespace duostat::ss2 {
namespace {

struct Row {
  std::string_view key;
  bool (*known)(const Grown<TcpInfo>&);
  void (*put)(Document&, const TcpInfo&);
};

template <auto member>
bool known(const Grown<TcpInfo>& info) {
  return info.has(member);
}
template <auto member>
constexpr Row number(std::string_view key) {
  return {key, known<member>, [](Document& d, const TcpInfo& info) { d.number(info.*member); }};
}
/// Microseconds, shown as milliseconds.
template <auto member>
constexpr Row milliseconds(std::string_view key) {
  return {key, known<member>, [](Document& d, const TcpInfo& info) { d.thousandths(info.*member); }};
}

void put_state(Document& document, const TcpInfo& info) {
  constexpr std::string_view kStates[] = {"",           "established", "syn-sent",  "syn-recv",
                                          "fin-wait-1", "fin-wait-2",  "time-wait", "unconnected",
                                          "close-wait", "last-ack",    "listening", "closing"};
  // quirk: ss2-unknown-state
  if (info.state == 0 || info.state >= std::size(kStates)) return document.number(info.state);
  document.raw(quoted(kStates[info.state]));
}

/// Window scaling is not among them: it has two keys of its own.
void put_options(Document& document, const TcpInfo& info) {
  struct Word {
    unsigned bit;
    std::string_view json;
  };
  constexpr Word kWords[] = {{1, "\"ts\""}, {2, "\"sack\""}, {8, "\"ecn\""}};
  document.begin_array();
  for (const Word& word : kWords) {
    if ((info.options & word.bit) == 0) continue;
    document.element();
    document.raw(word.json);
  }
  document.end_array();
}

void put_ssthresh(Document& document, const TcpInfo& info) {
  constexpr std::uint32_t kInfinite = 0xffff;  // anything from here on is no threshold that a window could reach
  if (info.snd_ssthresh >= kInfinite) document.null();
  else document.number(info.snd_ssthresh);
}

/// In the order of ss2's keys. The kernel's tcpi_backoff is "null" there.
constexpr Row kRows[] = {
    {"state", known<&TcpInfo::state>, put_state},
    number<&TcpInfo::ca_state>("ca_state"),
    number<&TcpInfo::retransmits>("retransmits"),
    number<&TcpInfo::probes>("probes"),
    number<&TcpInfo::backoff>("null"),
    {"opts", known<&TcpInfo::options>, put_options},
    {"snd_wscale", known<&TcpInfo::wscale>, [](Document& d, const TcpInfo& i) { d.number(i.wscale & 15u); }},
    {"delivery_rate_app_limited", known<&TcpInfo::flags>,
     [](Document& d, const TcpInfo& i) { d.number(i.flags & 1u); }},
    milliseconds<&TcpInfo::rto>("rto"),
    milliseconds<&TcpInfo::ato>("ato"),
    number<&TcpInfo::snd_mss>("snd_mss"),
    number<&TcpInfo::rcv_mss>("rcv_mss"),
    number<&TcpInfo::unacked>("unacked"),
    number<&TcpInfo::sacked>("sacked"),
    number<&TcpInfo::lost>("lost"),
    number<&TcpInfo::retrans>("retrans"),
    number<&TcpInfo::fackets>("fackets"),
    number<&TcpInfo::last_data_sent>("last_data_sent"),
    number<&TcpInfo::last_ack_sent>("last_ack_sent"),
    number<&TcpInfo::last_data_recv>("last_data_recv"),
    number<&TcpInfo::last_ack_recv>("last_ack_recv"),
    number<&TcpInfo::pmtu>("pmtu"),
    number<&TcpInfo::rcv_ssthresh>("rcv_ssthresh"),
    milliseconds<&TcpInfo::rtt>("rtt"),
    milliseconds<&TcpInfo::rttvar>("rttvar"),
    {"snd_ssthresh", known<&TcpInfo::snd_ssthresh>, put_ssthresh},
    number<&TcpInfo::snd_cwnd>("snd_cwnd"),
    number<&TcpInfo::advmss>("advmss"),
    number<&TcpInfo::reordering>("reordering"),
    milliseconds<&TcpInfo::rcv_rtt>("rcv_rtt"),
    number<&TcpInfo::rcv_space>("rcv_space"),
    number<&TcpInfo::total_retrans>("total_retrans"),
    number<&TcpInfo::pacing_rate>("pacing_rate"),
    number<&TcpInfo::max_pacing_rate>("max_pacing_rate"),
    number<&TcpInfo::bytes_acked>("bytes_acked"),
    number<&TcpInfo::bytes_received>("bytes_received"),
    number<&TcpInfo::segs_out>("segs_out"),
    number<&TcpInfo::segs_in>("segs_in"),
    number<&TcpInfo::notsent_bytes>("notsent_bytes"),
    number<&TcpInfo::min_rtt>("min_rtt"),
    number<&TcpInfo::data_segs_in>("data_segs_in"),
    number<&TcpInfo::data_segs_out>("data_segs_out"),
    number<&TcpInfo::delivery_rate>("delivery_rate"),
    number<&TcpInfo::busy_time>("busy_time"),
    number<&TcpInfo::rwnd_limited>("rwnd_limited"),
    number<&TcpInfo::sndbuf_limited>("sndbuf_limited"),
    {"rcv_wscale", known<&TcpInfo::wscale>, [](Document& d, const TcpInfo& i) { d.number(i.wscale >> 4); }},
};

}  // namespace

void put_tcp_info(Document& document, const Grown<TcpInfo>& info) {
  document.begin_object();
  for (const Row& row : kRows) {
    if (!row.known(info)) continue;
    document.key(row.key);
    row.put(document, info.value);
  }
  document.end_object();
}

}  // namespace duostat::ss2
