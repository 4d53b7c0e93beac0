// Counts of sockets by state as records, and their words in listings for people.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/collect/environment.h"
#include "src/collect/state_counts.h"
#include "src/model/fact.h"
#include "src/model/state_count.h"

namespace duostat::command {

/// A number that the kernel keeps for the whole host.
struct HostNumber {
  Fact fact;
  Protocol protocol;
  std::string_view word, text;  ///< in JSON; in the text
};
inline constexpr HostNumber kHostNumbers[] = {
    {Fact::tcp_alloc, Protocol::tcp, "alloc", "TCP sockets in memory"},
    {Fact::tcp_orphan, Protocol::tcp, "orphan", "of them without a process (orphans)"},
    {Fact::tcp_mem, Protocol::tcp, "mem", "pages of TCP buffers"},
    {Fact::udp_mem, Protocol::udp, "mem", "pages of UDP buffers"},
};

/// The counts with the share of each in its protocol.
std::vector<StateCount> state_rows(Environment& env, const SocketCounts& counts);
/// Appends the numbers of the host about these protocols. Returns why one could not be read; empty if all were.
std::string add_host_numbers(Environment& env, ProtocolSet protocols, std::vector<StateCount>& rows);

/// ss's word for a state: "TIME-WAIT".
std::string shown_state(std::string_view word);
/// "unix-stream".
std::string shown_protocol(Protocol protocol);
/// "tcp IPv6": the protocol with its family, if it has several.
std::string shown_table(const StateCount& row);

}  // namespace duostat::command
