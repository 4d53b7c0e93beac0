// The resolver of the running system: the C library's databases (NSS) and the kernel's interface names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "src/names/resolver.h"

namespace duostat {

/// Looks up names on demand, each only once. Interface names are those of the network namespace at the first lookup:
/// after a change of namespace, make a new resolver.
std::unique_ptr<Resolver> make_system_resolver();

}  // namespace duostat
