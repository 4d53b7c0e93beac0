// The protocol counters of a network namespace, with the kernel's names and order.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace duostat {

struct Counter {
  std::string name;  ///< "InReceives", "Ip6InReceives"
  std::uint64_t value = 0;
  bool known = true;  ///< false: the name has no number, and `value` is what net-tools makes of it
};

/// The counters under one heading ("Ip", "TcpExt", "Icmp6").
struct CounterSection {
  std::string name;
  std::vector<Counter> counters;
};

}  // namespace duostat
