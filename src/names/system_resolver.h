// The resolver of the running system: the C library's databases (NSS) and the kernel's interface names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>

#include "src/names/resolver.h"

namespace duostat {

/// Looks nothing up before it is asked, and nothing twice. Interface names are those of the network namespace in which they
/// are first asked for: after a change of namespace a new resolver is needed.
std::unique_ptr<Resolver> make_system_resolver();

}  // namespace duostat
