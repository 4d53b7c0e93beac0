// Counts of sockets, as the kernel keeps them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace duostat {

/// /proc/net/sockstat, sockstat6 and CurrEstab of /proc/net/snmp (sockstat_seq_show()). Numbers of sockets.
struct SocketSummary {
  int used = 0;                                        ///< all families
  int tcp_in_use = 0, tcp_orphan = 0, tcp_time_wait = 0, tcp_alloc = 0, tcp_mem = 0;
  int tcp6_in_use = 0;
  int udp_in_use = 0, udp6_in_use = 0;
  int udplite_in_use = 0, udplite6_in_use = 0;
  int raw_in_use = 0, raw6_in_use = 0;
  int frag_in_use = 0, frag6_in_use = 0;
  int tcp_established = 0;                             ///< Tcp CurrEstab: ESTABLISHED and CLOSE-WAIT
};

}  // namespace duostat
