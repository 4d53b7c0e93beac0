// The list of all rules, in the order of their listing. Files by subject hold the rows.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "src/insight/rule.h"

namespace duostat {

/// All rules. Rows have static lifetime.
const std::vector<const Rule*>& rules();
/// The rule that runs only with --baseline.
inline constexpr std::string_view kNewListenerRule = "new-listener";
/// nullptr if there is none of this name.
const Rule* find_rule(std::string_view id);

// The parts of the list, one per file.
std::span<const Rule> queue_rules();   ///< close-wait, unaccepted, half-closed, reader-slow
std::span<const Rule> accept_rules();  ///< accept queues, syn-flood
std::span<const Rule> peer_rules();    ///< syn-sent, silent and slow peers
std::span<const Rule> ports_rules();   ///< ephemeral ports
std::span<const Rule> loss_rules();    ///< retransmits, drops
std::span<const Rule> listen_rules();  ///< listeners and their owners
std::span<const Rule> host_rules();    ///< limits of the kernel for a whole host or namespace
std::span<const Rule> process_rules();   ///< descriptors
std::span<const Rule> counters_rules();  ///< counters that should stand still

}  // namespace duostat
