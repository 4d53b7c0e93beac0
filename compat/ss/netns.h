// -N: a network namespace by name, as `ip netns` keeps them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace duostat::ss {

/// /var/run/netns/NAME
std::string path_of_network_namespace(std::string_view name);
/// The message for one that cannot be opened; the reason is in errno.
std::string cannot_open_network_namespace(std::string_view name);

/// Moves this process into the network namespace /var/run/netns/NAME, with a /sys of that namespace and with the files of
/// /etc/netns/NAME laid over those of /etc (in a mount namespace of its own). Returns an empty text, or what went wrong, for
/// standard error. A file that cannot be laid over is reported on `warnings` lines and does no harm.
std::string enter_network_namespace(std::string_view name, std::string& warnings);

}  // namespace duostat::ss
