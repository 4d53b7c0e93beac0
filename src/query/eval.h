// Decides in user space whether a socket matches a filter. src/diag/bytecode.h has the kernel's filter, which only
// narrows.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

#include "src/base/proc_dir.h"
#include "src/model/port_range.h"
#include "src/model/socket.h"
#include "src/query/expr.h"

namespace duostat {

/// /proc/sys/net/ipv4/ip_local_port_range of this network namespace; 1024 to 4999, Linux 2.2's, if it cannot be read.
PortRange ephemeral_ports(const ProcDir& proc);

struct EvalContext {
  PortRange ephemeral{32768, 60999};
  bool unix_text_has_ports = true;  ///< false: a UNIX socket that was read from text has port 0 at both ends, as in ss
};

/// What a predicate means for the socket's table:
///
/// | table         | local port      | remote port        | local address (first word)  | remote address |
/// |---------------|-----------------|--------------------|-----------------------------|----------------|
/// | inet          | port            | port               | address                     | address        |
/// | raw           | protocol number | port (always 0)    | address                     | address        |
/// | unix          | inode           | peer's inode or 0  | 0 if unnamed, else unknown  | 0              |
/// | packet        | interface index | 0                  | Ethertype                   | 0              |
/// | netlink       | port id, signed | -1                 | protocol                    | 0              |
/// | vsock         | port            | port               | CID                         | CID            |
/// | xdp           | queue id        | 0                  | 0                           | 0              |
///
/// Addresses are compared bit by bit, also across families; an IPv4 prefix also matches v4-mapped addresses. Absent
/// fields count as 0. TIPC sockets match everything. Allocates nothing.
bool matches(const Expr& expr, const Socket& socket, const EvalContext& context) noexcept;

/// False if a socket whose port at `side` is 0 cannot match, whatever its other values. Judges by the ports alone.
bool may_match_port_zero(const Expr& expr, Side side);

}  // namespace duostat
