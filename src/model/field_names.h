// Field names for `duostat explain`.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <iterator>
#include <string_view>

#include "src/model/field.h"

namespace duostat {

/// In the order and spelling of the enumeration.
inline constexpr std::string_view kFieldNames[] = {
    "queues", "backlog", "uid", "inode", "cookie", "timer", "timer_count", "retransmits", "interface", "refcount",
    "drops", "owner", "mark", "cgroup", "shutdown", "v6only", "ip_protocol", "tos", "tclass", "class_id", "sockopt",
    "meminfo", "skmem", "tcp_info", "congestion", "vegas_info", "dctcp_info", "bbr_info", "md5_keys", "ulp",
    "sctp_info", "mptcp_info", "bpf_storage", "tcp_procfs", "unix_name", "unix_peer", "unix_vfs", "unix_pending",
    "unix_flags", "packet_info", "packet_rings", "packet_fanout", "packet_filter", "netlink_groups", "tipc_info",
    "xdp_info",
};
static_assert(std::size(kFieldNames) == static_cast<std::size_t>(Field::count_));

constexpr std::string_view name_of(Field field) { return kFieldNames[static_cast<std::size_t>(field)]; }
static_assert(name_of(Field::queues) == "queues" && name_of(Field::xdp_info) == "xdp_info");

}  // namespace duostat
