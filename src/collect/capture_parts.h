// The parts of recording a host: netlink, the proc file system, names.
//
// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <functional>
#include <set>
#include <utility>

#include "src/collect/capture_format.h"
#include "src/collect/capture_summary.h"
#include "src/collect/environment.h"
#include "src/collect/recording.h"
#include "src/model/socket.h"
#include "src/names/cgroup_paths.h"

namespace duostat::capture {

/// What was seen that has a name, or may have one.
struct Seen {
  std::set<std::uint32_t> users, interfaces, ip_protocols;
  std::set<std::uint16_t> ports;
  std::set<std::pair<Family, Address>> hosts;
  std::set<Address> networks;
  std::set<std::uint64_t> cgroups;
  std::set<std::string, std::less<>> interface_names;

  void note(const Socket& socket);
  void note_host(Family family, const Address& address);
};

/// Every table of sock_diag and what rtnetlink tells, as requests and replies.
void record_netlink(const OpenTransport& open, Writer& writer, Seen& seen, CaptureSummary& summary);

/// Files below /proc that some view reads, and all of /proc/net. Also returns them, for names to be found in.
std::shared_ptr<ProcImage> record_files(const ProcDir& proc, Writer& writer, CaptureSummary& summary);

/// Processes with their sockets, and files of those that hold one.
void record_tasks(const ProcDir& proc, Writer& writer, Seen& seen, CaptureSummary& summary);

/// SIOCGIFCONF and the ioctls for each interface.
void record_interfaces(Writer& writer, Seen& seen, CaptureSummary& summary);

/// Looks for names in what the files say of sockets, routes and groups.
void see_files(const ProcDir& proc, Seen& seen);

/// Names of what was seen, as this host has them: of interfaces, users, services, control groups and, if `resolve`, hosts.
void record_names(Environment& env, const Seen& seen, CgroupPaths& cgroups, bool resolve, Writer& writer);

}  // namespace duostat::capture
