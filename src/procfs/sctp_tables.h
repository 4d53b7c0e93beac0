// Reads SCTP's two tables, whose rows have any number of addresses.
//
// /proc/net/sctp/eps (sctp_eps_seq_show()), one endpoint per line:
//  ENDPT     SOCK   STY SST HBKT LPORT   UID INODE LADDRS
//  ffff88    ffff87 2   10  29   5001      0 12345 10.0.0.1 192.168.1.1
//
// /proc/net/sctp/assocs (sctp_assocs_seq_show()); the path in use is marked '*', a tab ends the addresses:
//  ASSOC SOCK STY SST ST HBKT ASSOC-ID TX_QUEUE RX_QUEUE UID INODE LPORT RPORT LADDRS <-> RADDRS HBINT …
//  ffff88 ffff87 2 1 3 29 1 0 0 0 12345 5001 40000 10.0.0.1 <-> *10.0.0.9 <TAB>30000 …
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string_view>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/model/state.h"
#include "src/query/query.h"

namespace duostat {

/// A row of either table. The address lists are text for next_sctp_address(), and live as long as the line.
struct SctpRow {
  State state = State::unknown;          ///< of the socket, with TCP's numbers
  std::uint32_t uid = 0;
  std::uint64_t inode = 0;
  std::uint64_t tx_queue = 0, rx_queue = 0;  ///< bytes; associations only
  std::uint32_t local_port = 0, remote_port = 0;
  std::string_view local, remote;
};

bool parse_sctp_endpoint(std::string_view line, SctpRow& row) noexcept;
bool parse_sctp_association(std::string_view line, SctpRow& row) noexcept;

/// Removes the first address from `list`. Returns false at the end of the list, and for a word that is not an address;
/// only in the latter case `list` is not empty.
bool next_sctp_address(std::string_view& list, Family& family, Address& address) noexcept;

/// Reads the endpoints or the associations. A row with an unparsable address counts as malformed.
Coverage read_sctp_table(const ProcDir& proc, bool associations, FunctionRef<void(const SctpRow&)> sink);

}  // namespace duostat
