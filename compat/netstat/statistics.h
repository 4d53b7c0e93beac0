// -s: protocol counters, with labels.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "compat/netstat/options.h"
#include "src/collect/environment.h"

namespace duostat::netstat {

enum class CounterClass : std::uint8_t {
  always,         ///< also when it is 0
  nonzero,
  never,
  in_histogram,   ///< below a title of its own, when it is not 0
  out_histogram,
};

struct CounterLabel {
  std::string_view key;
  std::string_view text;  ///< '%' stands for the number
  CounterClass kind;
};

/// A section whose counters have labels. A section without a row here is always printed, with its keys as labels.
struct CounterSection {
  std::string_view name;
  Protocol selector;      ///< raw: -w, tcp: -t, udp: -u, sctp: -S
  std::span<const CounterLabel> labels;
};

/// The labels that net-tools 2.10 prints. It has eighteen more, which its look-up never finds; those counters are printed
/// with their keys, here as there.
std::span<const CounterSection> counter_sections();

/// Prints the counters of IPv4, or of IPv6 if that was named. Returns the exit status.
int list_statistics(Environment& env, const Request& request);

}  // namespace duostat::netstat
