// Details of layers above a TCP connection: MD5 signature keys and upper layer protocols (kernel TLS, MPTCP).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "compat/ss/view.h"
#include "src/base/bytes.h"

namespace duostat::ss {

/// " md5keys:ADDRESS/LENGTH=KEY,…" of consecutive struct tcp_diag_md5sig.
void print_md5_keys(View& view, Bytes keys);
/// " tcp-ulp-NAME …" of INET_DIAG_ULP_INFO's nested attributes.
void print_ulp(View& view, Bytes attributes);

}  // namespace duostat::ss
