// A range of ports.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>

namespace duostat {

/// Inclusive at both ends; empty by default.
struct PortRange {
  std::uint32_t first = 1, last = 0;
  bool has(std::int64_t port) const noexcept { return port >= first && port <= last; }
  bool empty() const noexcept { return first > last; }
  bool operator==(const PortRange&) const = default;
};

}  // namespace duostat
