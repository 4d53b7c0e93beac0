// Names to numbers: what a filter's words stand for, as the system's databases have it. Injectable.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/proc_dir.h"
#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/names/resolver.h"
#include "src/names/rpc_programs.h"

namespace duostat {

/// A cgroup2 id, or why there is none.
struct CgroupId {
  std::optional<std::uint64_t> id;
  std::string reason;  ///< whole line for the user, without a newline; empty if there is nothing to say
};

class Lookup {
 public:
  virtual ~Lookup() = default;

  /// Port of a service name or alias (getservbyname(3)), host order.
  virtual std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) = 0;
  /// True if that name stands for several ports, as programs registered with rpcbind may.
  virtual bool is_ambiguous(std::string_view /*service*/, ServiceProtocol) { return false; }
  /// Appends the addresses of a host name (gethostbyname2(3)); `family` is inet or inet6.
  virtual void host_addresses(std::string_view name, Family family, std::vector<Address>& addresses) = 0;
  /// Interface index of a name or alternative name in this network namespace; 0 if there is none.
  virtual std::uint32_t interface_index(std::string_view name) = 0;
  /// Netlink protocol number of a name (nl_protos).
  virtual std::optional<std::uint32_t> netlink_protocol(std::string_view name) = 0;
  /// The id of a cgroup2 directory: a path of the file system, or else one below the cgroup2 mount point.
  virtual CgroupId cgroup_id(std::string_view path) = 0;
};

/// N of "ifN", which is how an interface without a known name is shown; 0 for other words.
std::uint32_t numbered_interface(std::string_view name);

/// The running system: NSS for services and hosts, the kernel for the rest. `proc` tells where cgroup2 is mounted and must
/// outlive the result, as must `rpc`: with it names of RPC programs are services too.
/// `long_name` finds interfaces by names of 16 bytes and more, which netdevice(7) cannot.
using LongInterfaceName = std::function<std::uint32_t(std::string_view)>;
std::unique_ptr<Lookup> make_system_lookup(const ProcDir& proc, RpcPrograms* rpc = nullptr,
                                           LongInterfaceName long_name = {});

}  // namespace duostat
