// Rows from /proc, or from netlink where /proc cannot be read: the one place where the modes other than sockets fall
// back.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <fmt/core.h>

#include <cerrno>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "src/base/error.h"
#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/procfs/text_file.h"

namespace duostat::netstat {

/// How the sources answered.
struct Reading {
  Coverage coverage;                ///< of the source that the rows are from
  std::optional<Coverage> refused;  ///< what netlink said, if it could not stand in either
  bool by_netlink = false;
};

/// A file that cannot be opened or read to its end. Malformed text is no reason to ask elsewhere.
inline bool unreadable(const Coverage& coverage) {
  return coverage.error != 0 && (coverage.operation == Operation::open || coverage.operation == Operation::read);
}

/// quirk: modes-fall-back - the original has no other source
/// Appends rows: Via::automatic reads /proc and, unless somebody named another directory for it, asks netlink if that
/// fails.
template <class Row, class FromFile, class FromNetlink>
Reading read_either(const Environment& env, Via via, std::vector<Row>& rows, FromFile&& from_file,
                    FromNetlink&& from_netlink) {
  if (via == Via::netlink) return {from_netlink(rows), std::nullopt, true};
  std::vector<Row> found;
  Reading reading{from_file(found), std::nullopt, false};
  if (via == Via::automatic && unreadable(reading.coverage) && !env.proc.given()) {
    std::vector<Row> others;
    Coverage netlink = from_netlink(others);
    if (netlink.error == 0) {
      found = std::move(others);
      reading = {std::move(netlink), std::nullopt, true};
    } else {
      reading.refused = std::move(netlink);
    }
  }
  rows.insert(rows.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return reading;
}

/// The answer about an IPv6 table of a kernel that has no IPv6: /proc/net is there, and the file is not. Nothing is
/// missing then.
inline bool lacks_inet6(const Environment& env, const Reading& reading) {
  const Coverage& c = reading.coverage;
  if (reading.by_netlink) return c.error == EAFNOSUPPORT && c.operation != Operation::rtnl_open;
  if (c.error != ENOENT || c.operation != Operation::open) return false;
  int error = 0;
  return static_cast<bool>(env.proc.open("net/dev", error));
}

/// "netstat: netlink: rtnetlink open RTM_GETROUTE: Permission denied"
inline std::string refusal_line(const Environment& env, const Coverage& refused) {
  return fmt::format("{}: netlink: {} {}: {}", env.program, word_of(refused.operation), refused.object,
                     error_text(refused.error));
}

}  // namespace duostat::netstat
