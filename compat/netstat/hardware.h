// What kind of hardware an interface stands for.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace duostat::netstat {

struct Hardware {
  std::uint16_t type;       ///< ARPHRD_
  std::string_view name;    ///< "ether"
  std::string_view title;   ///< "Ethernet"
  /// The address as text; null for hardware that has none.
  std::string (*address)(std::span<const std::uint8_t, 8> bytes);
};

/// The row of a type; "unspec" for one that netstat does not know.
const Hardware& hardware_of(std::uint16_t type);

}  // namespace duostat::netstat
