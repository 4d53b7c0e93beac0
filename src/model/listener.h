// A listener as an inventory shows it: one address and port, or one UNIX name, and the program behind it.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/model/address.h"
#include "src/model/protocol.h"
#include "src/model/workload.h"

namespace duostat {

/// The local addresses that a listener accepts. The way to them (firewall, NAT, containers) is not known.
enum class Binding : std::uint8_t { none, loopback, address, all };
/// "loopback", …; empty for none.
constexpr std::string_view word_of(Binding binding) {
  constexpr std::string_view kWords[] = {"", "loopback", "address", "all"};
  return kWords[static_cast<unsigned>(binding)];
}

/// Shown in place of a process for a socket that only a service manager holds.
inline constexpr std::string_view kActivated = "systemd (activated)";

/// The change of a listener since a baseline was written.
enum class ListenerChange : std::uint8_t { none, added, gone, changed };
/// "new", "gone", "changed"; empty for none.
constexpr std::string_view word_of(ListenerChange change) {
  constexpr std::string_view kWords[] = {"", "new", "gone", "changed"};
  return kWords[static_cast<unsigned>(change)];
}

/// Sockets of one program with the same protocol, address and port are one listener. They exist with SO_REUSEPORT (a
/// reuseport group), and for UDP with SO_REUSEADDR; sock_diag tells neither. Names are raw bytes.
struct Listener {
  Protocol protocol{};
  Family family{};
  Endpoint local;            ///< IP only
  std::uint32_t ifindex = 0; ///< SO_BINDTODEVICE; 0: none
  std::string device;        ///< its name
  std::string name;          ///< UNIX: path, or '@' for each NUL of an abstract name
  std::string service;       ///< name of the port
  std::optional<std::uint32_t> uid;  ///< of the socket
  std::string user;

  std::uint32_t sockets = 1;
  /// Connections that wait to be accepted, and how many may wait. With several sockets, those of the fullest one,
  /// because the kernel gives each connection to one socket and refuses it if that one is full.
  std::optional<std::uint32_t> queue, backlog;
  std::optional<std::uint64_t> drops;  ///< connections or datagrams dropped at these sockets
  std::optional<bool> v6only;

  std::optional<std::uint32_t> pid;  ///< the lowest that holds it, service managers aside
  std::string process;       ///< task name of `pid`
  std::vector<std::uint32_t> pids;   ///< all processes that hold it, service managers aside, ascending
  bool managed = false;      ///< a service manager holds it: socket activation
  bool activated = false;    ///< only a service manager holds it: `pid` is its
  bool kernel = false;       ///< every process could be read, and none holds it
  std::optional<Workload> workload;  ///< of `pid`

  ListenerChange change = ListenerChange::none;
  std::string before;        ///< changed: the owner in the baseline

  /// False: the owner is not visible to this user.
  bool owner_known() const { return pid || kernel; }
};

constexpr Binding binding_of(const Listener& l) {
  constexpr std::uint8_t kIpv4Loopback = 127;
  const Address& a = l.local.address;
  if (l.family != Family::inet && l.family != Family::inet6) return Binding::none;
  if (is_unspecified(a)) return Binding::all;
  if (l.family == Family::inet) return a[0] == kIpv4Loopback ? Binding::loopback : Binding::address;
  Address loopback{};
  loopback[15] = 1;
  if (a == loopback) return Binding::loopback;
  constexpr std::size_t kMapped = 12;  // ::ffff:0:0/96
  Address head{};
  head[10] = head[11] = 0xff;
  if (!std::equal(a.begin(), a.begin() + kMapped, head.begin())) return Binding::address;
  if (std::all_of(a.begin() + kMapped, a.end(), [](std::uint8_t byte) { return byte == 0; })) return Binding::all;
  return a[kMapped] == kIpv4Loopback ? Binding::loopback : Binding::address;
}

}  // namespace duostat
