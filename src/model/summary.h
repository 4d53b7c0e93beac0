// The kernel's counts of sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

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

  using Number = int SocketSummary::*;
  /// True if a file had the number; otherwise it is 0.
  bool knows(Number number) const noexcept { return (known_ & bit_of(number)) != 0; }
  void set(Number number, int value) noexcept {
    this->*number = value;
    known_ |= bit_of(number);
  }

 private:
  static std::uint32_t bit_of(Number number) noexcept {
    using S = SocketSummary;
    constexpr Number kNumbers[] = {
        &S::used,          &S::tcp_in_use,  &S::tcp_orphan,  &S::tcp_time_wait,  &S::tcp_alloc,       &S::tcp_mem,
        &S::tcp6_in_use,   &S::udp_in_use,  &S::udp6_in_use, &S::udplite_in_use, &S::udplite6_in_use, &S::raw_in_use,
        &S::raw6_in_use,   &S::frag_in_use, &S::frag6_in_use, &S::tcp_established,
    };
    std::uint32_t bit = 1;
    for (const Number known : kNumbers) {
      if (known == number) return bit;
      bit <<= 1;
    }
    return 0;
  }
  std::uint32_t known_ = 0;
};

}  // namespace duostat
