// Interfaces as /proc/net lists them.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <string_view>

#include "src/base/function_ref.h"
#include "src/base/proc_dir.h"
#include "src/model/interface.h"
#include "src/query/query.h"

namespace duostat {

/// The name lives as long as the line.
bool parse_dev(std::string_view line, std::string_view& name, InterfaceCounters& counters) noexcept;
bool parse_if_inet6(std::string_view line, std::string_view& name, InterfaceAddress6& address) noexcept;

/// net/dev: every interface with its counters.
Coverage read_dev(const ProcDir& proc, FunctionRef<void(std::string_view name, const InterfaceCounters&)> sink);
/// net/if_inet6: every IPv6 address with its interface.
Coverage read_if_inet6(const ProcDir& proc, FunctionRef<void(std::string_view name, const InterfaceAddress6&)> sink);

}  // namespace duostat
