// Detects whether the kernel reads INET_DIAG_REQ_PROTOCOL. Without it, a request for MPTCP is answered with TCP
// sockets.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/transport.h"

namespace duostat {

struct WideProtocol {
  bool is_read = false;
  int error = 0;  ///< errno of a failed system call: then the result is unknown
};

/// MPTCP's number, 262, does not fit the protocol's byte of an inet_diag request: it goes into an attribute, and the
/// byte says TCP. Kernels before 5.9 skip the attribute and answer with all TCP sockets. Their messages do not show it:
/// INET_DIAG_PROTOCOL is sent for raw sockets only (inet_diag_msg_attrs_fill()), and other attributes depend on the
/// requested extensions. So this function requests a protocol that cannot exist, in no state. A kernel that reads the
/// attribute has no handler (ENOENT); one that skips it ends an empty dump of TCP at once, without a walk over its
/// tables. `transport` must not have a dump in progress.
WideProtocol probe_wide_protocol(Transport& transport);

}  // namespace duostat
