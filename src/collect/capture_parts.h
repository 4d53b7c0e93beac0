// Declares the steps of recording a host: netlink, the proc file system, names.
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

/// The ids and addresses seen so far whose names are to be recorded.
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

/// Records the tables of sock_diag and rtnetlink, as requests and replies.
void record_netlink(const OpenTransport& open, Writer& writer, Seen& seen, CaptureSummary& summary);

/// Records the files of /proc that some view reads, and all of /proc/net. Returns them too, for see_files().
std::shared_ptr<ProcImage> record_files(const ProcDir& proc, Writer& writer, CaptureSummary& summary);

/// Records processes with their sockets, and the files of processes that hold one.
void record_tasks(const ProcDir& proc, Writer& writer, Seen& seen, CaptureSummary& summary);

/// Records SIOCGIFCONF and the ioctls about each interface.
void record_interfaces(Writer& writer, Seen& seen, CaptureSummary& summary);

/// Adds to `seen` the ids and addresses of sockets, routes and groups in the files.
void see_files(const ProcDir& proc, Seen& seen);

/// Records this host's names of everything in `seen`: interfaces, users, services, control groups and, with `resolve`,
/// hosts.
void record_names(Environment& env, const Seen& seen, CgroupPaths& cgroups, bool resolve, Writer& writer);

}  // namespace duostat::capture
