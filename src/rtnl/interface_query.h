// Interfaces by the ioctls of man 7 netdevice: what netstat has always asked, and the seam to put something else there.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/function_ref.h"
#include "src/model/interface.h"

namespace duostat::rtnl {

/// Receives the request ("SIOCGIFMTU") and errno of each part that could not be read although the interface may have it.
using UnreadPart = FunctionRef<void(std::string_view request, int error)>;

class InterfaceQuery {
 public:
  virtual ~InterfaceQuery() = default;

  /// Appends the names and labels that have an IPv4 address (SIOCGIFCONF). 0 or errno.
  virtual int names(std::vector<std::string>& names) = 0;
  /// Fills everything of the interface or alias called interface.name but counters and IPv6 addresses. 0 or errno: ENODEV
  /// if it does not exist.
  virtual int describe(Interface& interface, UnreadPart unread) = 0;
};

/// ioctl(2) on a socket: 0 or errno.
using Ioctl = std::function<int(unsigned long what, void* argument)>;

/// The kernel, or `instead`, if it is given. Null and errno if no socket can be had.
std::unique_ptr<InterfaceQuery> open_interface_ioctls(int& error, Ioctl instead = {});

}  // namespace duostat::rtnl
