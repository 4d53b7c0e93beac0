// The resolver of the running system: the C library's databases (NSS) and the kernel's interface names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "src/names/resolver.h"

namespace duostat {

/// Looks up names on demand, each only once. Interface names are those of the network namespace at the first lookup:
/// after a change of namespace, make a new resolver. `common_services`: a system without a list of services has the
/// names of common_services().
std::unique_ptr<Resolver> make_system_resolver(bool common_services = false);

/// From here on this process finds host names in /etc/hosts only, and asks no server. A C library without such a
/// setting (musl) looks there first anyway.
void find_hosts_in_files_only();

}  // namespace duostat
