// Replays a recorded sock_diag answer instead of asking the kernel (TCPDIAG_FILE; `ss -D FILE` writes the file).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>

#include "src/diag/transport.h"

namespace duostat {

/// Opens `file` again for every NETLINK_SOCK_DIAG transport; other netlink protocols go to `otherwise`. The file is a
/// sequence of netlink messages, each padded to four bytes, in this host's byte order, up to the first NLMSG_DONE. It
/// contains one answer, which is returned for any request; senders and sequence numbers are not checked. Errors: those
/// of open(2) and read(2); EBADMSG for an invalid length; EMSGSIZE for a message that fits no buffer; ENODATA (from
/// Dump) if the file ends before an NLMSG_DONE.
OpenTransport replay_from(std::string file, OpenTransport otherwise);

}  // namespace duostat
