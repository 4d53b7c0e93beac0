// The kernel's structures with a connection's internals. Members have the kernel's names without their prefix and are
// at the kernel's offsets. The structures only grow at the end, so src/diag copies received bytes over them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>

namespace duostat {

/// struct tcp_info (include/uapi/linux/tcp.h), as of Linux 6.18: 280 bytes. Times are microseconds unless noted.
struct TcpInfo {
  std::uint8_t state, ca_state, retransmits, probes, backoff;
  /// TCPI_OPT_: 1 timestamps, 2 sack, 4 wscale, 8 ecn, 16 ecn seen, 32 syn data, 64 usec ts.
  std::uint8_t options;
  std::uint8_t wscale;          ///< low nibble: sending, high nibble: receiving
  std::uint8_t flags;           ///< bit 0: delivery rate is application limited; bits 1-2: fast open client failure
  std::uint32_t rto, ato;
  std::uint32_t snd_mss, rcv_mss;                   ///< bytes
  /// segments; a listener's backlog and its limit in the first two.
  std::uint32_t unacked, sacked, lost, retrans, fackets;
  std::uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;  ///< milliseconds ago
  std::uint32_t pmtu, rcv_ssthresh;                 ///< bytes
  std::uint32_t rtt, rttvar;
  std::uint32_t snd_ssthresh, snd_cwnd;             ///< segments
  std::uint32_t advmss, reordering;
  std::uint32_t rcv_rtt, rcv_space;
  std::uint32_t total_retrans;
  std::uint64_t pacing_rate, max_pacing_rate;       ///< bytes per second; all ones: none
  std::uint64_t bytes_acked, bytes_received;
  std::uint32_t segs_out, segs_in;
  std::uint32_t notsent_bytes, min_rtt;
  std::uint32_t data_segs_in, data_segs_out;
  std::uint64_t delivery_rate;                      ///< bytes per second
  std::uint64_t busy_time, rwnd_limited, sndbuf_limited;
  std::uint32_t delivered, delivered_ce;
  std::uint64_t bytes_sent, bytes_retrans;
  std::uint32_t dsack_dups, reord_seen;
  std::uint32_t rcv_ooopack, snd_wnd;
  std::uint32_t rcv_wnd, rehash;
  std::uint16_t total_rto, total_rto_recoveries;
  std::uint32_t total_rto_time;                     ///< milliseconds
  std::uint32_t received_ce;
  std::uint32_t delivered_e1_bytes, delivered_e0_bytes, delivered_ce_bytes;
  std::uint32_t received_e1_bytes, received_e0_bytes, received_ce_bytes;
  std::uint32_t accecn;                             ///< fail mode, option seen, mode: bit fields
};
static_assert(offsetof(TcpInfo, rto) == 8 && offsetof(TcpInfo, rtt) == 68 && offsetof(TcpInfo, total_retrans) == 100);
static_assert(offsetof(TcpInfo, pacing_rate) == 104 && offsetof(TcpInfo, min_rtt) == 148);
static_assert(offsetof(TcpInfo, delivery_rate) == 160 && offsetof(TcpInfo, delivered) == 192);
static_assert(offsetof(TcpInfo, bytes_sent) == 200 && offsetof(TcpInfo, rcv_ooopack) == 224);
static_assert(offsetof(TcpInfo, rehash) == 236 && offsetof(TcpInfo, total_rto) == 240 && sizeof(TcpInfo) == 280);

/// struct mptcp_info (include/uapi/linux/mptcp.h), as of Linux 6.18. Byte counters are 64 bits.
struct MptcpInfo {
  std::uint8_t subflows, add_addr_signal, add_addr_accepted;
  std::uint8_t subflows_max, add_addr_signal_max, add_addr_accepted_max;
  std::uint8_t pad_6[2];
  std::uint32_t flags;  ///< bit 0: fallback to TCP; bit 1: the remote key was received
  std::uint32_t token;
  std::uint64_t write_seq, snd_una, rcv_nxt;
  std::uint8_t local_addr_used, local_addr_max, csum_enabled, pad_43;
  std::uint32_t retransmits;
  std::uint64_t bytes_retrans, bytes_sent, bytes_received, bytes_acked;
  std::uint8_t subflows_total, endp_laminar_max, endp_fullmesh_max, pad_83;
  std::uint32_t last_data_sent, last_data_recv, last_ack_recv;  ///< milliseconds ago
};
static_assert(offsetof(MptcpInfo, token) == 12 && offsetof(MptcpInfo, local_addr_used) == 40);
static_assert(offsetof(MptcpInfo, bytes_retrans) == 48 && offsetof(MptcpInfo, subflows_total) == 80);
static_assert(offsetof(MptcpInfo, last_ack_recv) == 92);

/// INET_DIAG_VEGASINFO, struct tcpvegas_info.
struct VegasInfo {
  std::uint32_t enabled, rttcnt, rtt, minrtt;  ///< microseconds; 0x7fffffff: not measured
};
/// INET_DIAG_DCTCPINFO, struct tcp_dctcp_info.
struct DctcpInfo {
  std::uint16_t enabled, ce_state;
  std::uint32_t alpha, ab_ecn, ab_tot;
};
/// INET_DIAG_BBRINFO, struct tcp_bbr_info.
struct BbrInfo {
  std::uint32_t bw_lo, bw_hi;            ///< bandwidth estimate in bytes per second, two halves
  std::uint32_t min_rtt;                 ///< microseconds
  std::uint32_t pacing_gain, cwnd_gain;  ///< in 1/256
};

}  // namespace duostat
