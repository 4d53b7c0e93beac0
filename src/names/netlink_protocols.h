// Netlink protocol numbers and names (NETLINK_ROUTE is 0, "rtnl").
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace duostat {

/// iproute2's built-in names, overridden by those of its nl_protos file.
class NetlinkProtocols {
 public:
  /// Only the built-in names.
  NetlinkProtocols();
  /// Adds the text of an nl_protos file: lines of NUMBER NAME, decimal or 0x; `#` begins a comment.
  explicit NetlinkProtocols(std::string_view nl_protos);
  /// Adds the system's file: /etc/iproute2/nl_protos, or /usr/share/iproute2/nl_protos if the first does not exist.
  static NetlinkProtocols of_system();

  /// Empty if the number has no name; lives as long as this object.
  std::string_view name(std::uint32_t number) const;
  std::optional<std::uint32_t> number(std::string_view name) const;

 private:
  std::map<std::uint32_t, std::string> names_;
};

}  // namespace duostat
