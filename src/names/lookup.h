// Names to numbers: looks up the words of a filter in the system's databases. Replaceable in tests.
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

/// A cgroup2 id, or the reason why there is none.
struct CgroupId {
  std::optional<std::uint64_t> id;
  std::string reason;  ///< whole line for the user, without a newline; empty if there is nothing to report
};

class Lookup {
 public:
  virtual ~Lookup() = default;

  /// Port of a service name or alias (getservbyname(3)), host order.
  virtual std::optional<std::uint16_t> service_port(std::string_view name, ServiceProtocol protocol) = 0;
  /// True if the name has several ports, as programs registered with rpcbind may.
  virtual bool is_ambiguous(std::string_view /*service*/, ServiceProtocol) { return false; }
  /// Appends the addresses of a host name (gethostbyname2(3)); `family` is inet or inet6.
  virtual void host_addresses(std::string_view name, Family family, std::vector<Address>& addresses) = 0;
  /// Returns the index of an interface name or alternative name in this network namespace; 0 if there is none.
  virtual std::uint32_t interface_index(std::string_view name) = 0;
  /// Id of a user name (getpwnam(3)).
  virtual std::optional<std::uint32_t> user_id(std::string_view /*name*/) { return std::nullopt; }
  /// Name of a user id, as listings show it; empty if it has none.
  virtual std::string user_name(std::uint32_t /*uid*/) { return {}; }
  /// Netlink protocol number of a name (nl_protos).
  virtual std::optional<std::uint32_t> netlink_protocol(std::string_view name) = 0;
  /// Returns the id of a cgroup2 directory: a file-system path, or a path below the cgroup2 mount point.
  virtual CgroupId cgroup_id(std::string_view path) = 0;
};

/// Returns N for "ifN", the form in which an interface without a known name is shown; 0 for other words.
std::uint32_t numbered_interface(std::string_view name);

/// The running system: NSS for services and hosts, the kernel for the rest. `proc` locates the cgroup2 mount and must
/// outlive the result, as must `rpc`; with `rpc`, names of RPC programs are services too. `long_name` finds interfaces
/// by names of 16 bytes or more, which netdevice(7) cannot.
using LongInterfaceName = std::function<std::uint32_t(std::string_view)>;
std::unique_ptr<Lookup> make_system_lookup(const ProcDir& proc, RpcPrograms* rpc = nullptr,
                                           LongInterfaceName long_name = {});

}  // namespace duostat
