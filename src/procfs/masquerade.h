// Masqueraded connections: from Linux up to 2.2's own file, or picked from the connection tracker's.
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

/// Fails with Operation::no_heading if the file has no first line.
Coverage read_masquerade(const ProcDir& proc, std::vector<MasqueradedConnection>& connections);
/// Reads the IPv4 connections whose replies go to another address or port than they came from.
Coverage read_conntrack(const ProcDir& proc, std::vector<MasqueradedConnection>& connections);

}  // namespace duostat
