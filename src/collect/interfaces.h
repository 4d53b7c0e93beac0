// The interfaces of this network namespace: their counters from /proc/net/dev, the rest from netdevice(7).
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/interface.h"
#include "src/query/query.h"

namespace duostat {

/// The netdevice(7) requests. Real ones go to a socket; tests have their own.
class DeviceRequests {
 public:
  virtual ~DeviceRequests() = default;
  /// Names of interfaces and labels that have an IPv4 address (SIOCGIFCONF).
  virtual std::vector<std::string> with_address() = 0;
  /// Fills everything but the counters for `interface.name`. 0, or the errno of the request that every interface answers.
  virtual int fill(Interface& interface) = 0;
};

/// Asks this kernel. Throws SystemError if no socket can be had.
std::unique_ptr<DeviceRequests> open_device_requests();

/// Names in netstat's natural order: letters, then the number behind them, then the number of the label.
bool interface_name_less(std::string_view a, std::string_view b);

/// Every interface and label, sorted, with the counters that net/dev has; details come from DeviceRequests::fill().
std::vector<Interface> list_interfaces(const ProcDir& proc, DeviceRequests& requests, Coverage& coverage);

}  // namespace duostat
