// Whether the kernel reads INET_DIAG_REQ_PROTOCOL, without which an answer about MPTCP is one about TCP.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "src/diag/transport.h"

namespace duostat {

struct WideProtocol {
  bool is_read = false;
  int error = 0;  ///< errno of a system call that failed: then nothing is known
};

/// MPTCP's number, 262, does not fit the protocol's byte of an inet_diag request: it goes into an attribute, and the byte says TCP.
/// Kernels before 5.9 skip the attribute and answer with all TCP sockets. Nothing in their messages says so: INET_DIAG_PROTOCOL is
/// sent for raw sockets only (inet_diag_msg_attrs_fill()), and the rest depends on the extensions that were asked for. So the kernel
/// is asked for a protocol that cannot be, in no state: one that reads the attribute has no handler (ENOENT), one that skips it ends an
/// empty dump of TCP at once, without a walk over its tables.
/// `transport` must have no dump under way.
WideProtocol probe_wide_protocol(Transport& transport);

}  // namespace duostat
