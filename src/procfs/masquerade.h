// Masqueraded connections: from the file of Linux up to 2.2, or selected from the connection tracker's.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/masquerade.h"
#include "src/query/query.h"

namespace duostat {

inline constexpr std::string_view kMasqueradeFile = "net/ip_masquerade", kConntrackFile = "net/nf_conntrack";

/// Reads the masqueraded connections; fails with Operation::no_heading if the file lacks its first line.
Coverage read_masquerade(const ProcDir& proc, std::vector<MasqueradedConnection>& connections);
/// Reads the IPv4 connections whose replies go to a different address or port than the request came from.
Coverage read_conntrack(const ProcDir& proc, std::vector<MasqueradedConnection>& connections);

}  // namespace duostat
