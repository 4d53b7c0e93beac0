// A recorded sock_diag answer in place of the kernel (what TCPDIAG_FILE names and `ss -D FILE` writes).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/diag/transport.h"

namespace duostat {

/// Opens `file` anew for every NETLINK_SOCK_DIAG transport; other netlink protocols go to `otherwise`.
/// A file is netlink messages one after another, each padded to four bytes, in this host's byte order, up to the first
/// NLMSG_DONE. It holds one answer: what is asked does not matter, senders and sequence numbers are not checked.
/// Errors: of open(2) and read(2); EBADMSG where a length makes no sense, EMSGSIZE for a message that fits no buffer,
/// ENODATA (from Dump) where the file ends before a DONE.
OpenTransport replay_from(std::string file, OpenTransport otherwise);

}  // namespace duostat
