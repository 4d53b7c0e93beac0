// Reads interfaces through the ioctls of man 7 netdevice, like netstat, behind an interface that captures and tests can
// replace.
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

/// Receives the request ("SIOCGIFMTU") and errno of each property that could not be read although the interface may
/// have it.
using UnreadPart = FunctionRef<void(std::string_view request, int error)>;

class InterfaceQuery {
 public:
  virtual ~InterfaceQuery() = default;

  /// Appends the names and labels that have an IPv4 address (SIOCGIFCONF). Returns 0 or errno.
  virtual int names(std::vector<std::string>& names) = 0;
  /// Fills in the interface or alias called interface.name, except counters and IPv6 addresses. Returns 0 or errno:
  /// ENODEV if it does not exist.
  virtual int describe(Interface& interface, UnreadPart unread) = 0;
};

/// ioctl(2) on a socket: 0 or errno.
using Ioctl = std::function<int(unsigned long what, void* argument)>;

/// The kernel's ioctls, or `instead` if given. Returns nullptr, with errno in `error`, if no socket can be opened.
std::unique_ptr<InterfaceQuery> open_interface_ioctls(int& error, Ioctl instead = {});

}  // namespace duostat::rtnl
