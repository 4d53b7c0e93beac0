// Network namespaces with a name, as `ip netns` keeps them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

#include "src/collect/environment.h"

namespace duostat {

/// Moves this process into the network namespace /var/run/netns/NAME and into a new mount namespace, where /sys shows
/// the devices of that network namespace and each file of /etc/netns/NAME is bound over the file of that name in /etc.
/// A file that cannot be bound is reported on standard error and skipped. In a dry run nothing changes; the dry_run is
/// told. Returns an empty text, or what went wrong.
std::string enter_network_namespace(Environment& env, std::string_view name);

}  // namespace duostat
