// Reads a snapshot of the shown host.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <bitset>

#include "src/collect/collect.h"
#include "src/model/change.h"
#include "src/model/snapshot.h"

namespace duostat {

using SubjectSet = std::bitset<kSubjects>;

/// Reads what `subjects` names. Routes are those of /proc/net/route and ipv6_route, without IPv6's local and cached
/// ones; interfaces come from rtnetlink, or without it from /proc/net/dev; netlink sockets are left out, because
/// reading makes some. Never throws for a source that fails: see Snapshot::problems.
Snapshot read_snapshot(Environment& env, Via via, SubjectSet subjects);

}  // namespace duostat
