// AF_UNIX sockets with their reference counts, which only /proc/net/unix has: netlink tells everything else.
//
// A name may contain a newline and a line in the exact form of a row, so that the text alone cannot be trusted
// (src/procfs/unix.h). Netlink tells the length of every name: with it a row's end is known, and what stands inside a name is
// no row. A row of the text counts only if netlink has a socket of its inode, type and name.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>

#include "src/collect/collect.h"
#include "src/collect/environment.h"
#include "src/query/query.h"

namespace duostat {

/// What netlink is asked for: sockets of every type and state, for their names stand in the text too.
Query query_beside_counts(Query query);

/// Answers `query` of AF_UNIX sockets in the order of /proc/net/unix. nullopt, with nothing handed out, if netlink or the file
/// cannot answer completely.
///
/// The file is read before netlink is asked and again after that for sockets that it lacks, so every socket that lives
/// throughout has its count. One that was opened and closed meanwhile may have none. Connections that wait for accept(2) have no
/// inode and are unknown to netlink: these rows are the file's.
std::optional<Answer> collect_unix_with_counts(Environment& env, const Query& query, Sink sink);

}  // namespace duostat
