// TCP sockets that processes hold and that no table of the kernel lists: never connected, refused, reset or finished.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace duostat {

struct ClosedSocketHolder {
  std::uint32_t pid = 0;
  std::string comm;               ///< raw bytes
  std::uint64_t closed = 0;       ///< descriptors of TCP and MPTCP sockets that no table lists
  std::uint64_t descriptors = 0;  ///< descriptors of every kind
};

struct ClosedSockets {
  std::vector<ClosedSocketHolder> holders;  ///< the most first; of equal ones the lowest process first
  std::uint64_t sockets = 0;       ///< different sockets: processes may share one
  std::uint64_t denied = 0;        ///< processes whose descriptors this user may not look at
  std::uint64_t unread = 0;        ///< processes that could not be looked at for another reason
  std::uint64_t not_looked_at = 0; ///< processes with more descriptors than the request's limit
  bool may_hide = false;           ///< /proc may not list every process here
  /// Why nothing was counted; empty if it was. Any incomplete dump makes sockets look closed that are not.
  std::string cannot;
};

}  // namespace duostat
