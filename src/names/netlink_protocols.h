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

/// The names that iproute2 knows, with those of its nl_protos file laid over them.
class NetlinkProtocols {
 public:
  /// The built-in names alone.
  NetlinkProtocols();
  /// With the text of an nl_protos file: lines of NUMBER NAME, decimal or 0x; `#` begins a comment.
  explicit NetlinkProtocols(std::string_view nl_protos);
  /// With the system's file: /etc/iproute2/nl_protos, or /usr/share/iproute2/nl_protos where the first does not exist.
  static NetlinkProtocols of_system();

  /// Empty if there is none; lives as long as this object.
  std::string_view name(std::uint32_t number) const;
  std::optional<std::uint32_t> number(std::string_view name) const;

 private:
  std::map<std::uint32_t, std::string> names_;
};

}  // namespace duostat
